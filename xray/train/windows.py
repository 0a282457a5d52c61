"""Windows of films for a detector to learn from, and boxes as lines of text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xray.io.boxes import yolo_lines

AROUND, ELSEWHERE = 2, 2  # windows of each box, and of a film without one
Gray = NDArray[np.uint8]
Boxes = NDArray[np.floating]


def windows_of(
    pixels: Gray, boxes: Boxes, side: int, generator: np.random.Generator
) -> list[tuple[int, int, int, int]]:
    """Windows (left, top, right, bottom) of a film (H, W), no side longer than `side`.

    AROUND each box and one more, or ELSEWHERE where there is none; each of these where most is to be seen of
    three places.
    """
    height, width = pixels.shape
    across, down = min(side, width), min(side, height)

    def anywhere(low: float, high: float, room: int) -> int:
        low, high = max(0.0, low), min(float(room), high)
        return round(generator.uniform(min(low, high), max(low, high)))

    windows = []
    for left, top, right, bottom in boxes:
        for _ in range(AROUND):
            x = anywhere(right - across, left, width - across)
            y = anywhere(bottom - down, top, height - down)
            windows.append((x, y, x + across, y + down))
    for _ in range(1 if len(boxes) else ELSEWHERE):
        drawn = [(anywhere(0, width, width - across), anywhere(0, height, height - down)) for _ in range(3)]
        x, y = max(drawn, key=lambda at: float(pixels[at[1] : at[1] + down, at[0] : at[0] + across].std()))
        windows.append((x, y, x + across, y + down))
    return windows


def lines_of(boxes: Boxes, shape: tuple[int, ...]) -> str:
    """Boxes (n, 4) in pixels of a window (H, W) as YOLO's lines, without those of less than half inside."""
    height, width = shape[:2]
    inside = boxes.clip(0, (width, height, width, height))
    area, rest = (np.prod(one[:, 2:] - one[:, :2], axis=1) for one in (boxes, inside))
    return "".join(f"{line}\n" for line in yolo_lines(inside[rest >= 0.5 * area], shape))
