"""Small pictures of a check: its curves with axes, and its maps with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from xray.evidence.deletion_insertion import FIRST, SHARES
from xray.evidence.road import REMOVED
from xray.evidence.weight_randomization import SHARES as RANDOMIZED
from xray.render.overlay import RGB, Drawing, colors
from xray.types import Pixels

SIDE, MOST = 72, 5  # of a small map, and how many of them are shown
LINES = ("#E8A33D", "#56B4E9")
GRAY = "#8A93A0"  # readable on the dark and on the light theme
COUNTED = SHARES[FIRST - 1]  # part of the film up to which the curves of deletion and insertion count
AXES: Mapping[str, tuple[str, str, tuple[float, ...], float]] = {  # arguments of curves_svg by check
    "deletion": ("part of the film hidden", "log-odds", (0.0, *SHARES), COUNTED),
    "insertion": ("part of the film shown", "log-odds", (0.0, *SHARES), COUNTED),
    "road": ("part of the film removed", "log-odds", REMOVED, 0.0),
    "randomization": ("layers randomized", "similarity", RANDOMIZED, 0.0),
}
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 240, 112, 34, 84, 16


def curves_svg(
    curves: Mapping[str, Pixels], across: str, up: str, shares: Sequence[float], counted: float = 0.0
) -> str:
    """Draw curves in one SVG on one scale, with the names and ranges of the axes and the names of the curves.

    Args:
        curves: Values (n) by name.
        across: Name of the horizontal axis.
        up: Name of the vertical axis.
        shares: Increasing positions (n) on the horizontal axis.
        counted: Position up to which the curves count, which is marked; 0 for none.
    """
    low = min(float(values.min()) for values in curves.values())
    high = max(float(values.max()) for values in curves.values())
    span = high - low or 1.0
    parts = [
        f'<path d="M{LEFT},{TOP} V{BOTTOM} H{WIDTH - 4}" fill="none" stroke="{GRAY}"/>',
        _text(LEFT - 3, TOP + 6, f"{high:z.1f}", "end"),
        _text(LEFT - 3, BOTTOM, f"{low:z.1f}", "end"),
        _text(LEFT, TOP - 5, up),
        _text(WIDTH - 4, BOTTOM + 11, f"{across}, {shares[0]:.0%} to {shares[-1]:.0%}", "end"),
    ]
    if counted:
        end = float(np.interp(counted, (shares[0], shares[-1]), (LEFT + 2, WIDTH - 6)))
        shape = f'width="{end - LEFT:.1f}" height="{BOTTOM - TOP}" fill="{GRAY}" fill-opacity="0.2"'
        parts += [f'<rect x="{LEFT}" y="{TOP}" {shape}/>', _text(end + 3, TOP - 5, "counts up to here")]
    place = LEFT
    for color, (name, values) in zip(LINES, curves.items(), strict=False):
        x = np.interp(shares, (shares[0], shares[-1]), (LEFT + 2, WIDTH - 6))
        y = BOTTOM - 2 - (values - low) / span * (BOTTOM - TOP - 4)
        points = " ".join(f"{right:.1f},{down:.1f}" for right, down in zip(x, y, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
        if len(curves) > 1:
            parts.append(_text(place, HEIGHT - 3, name, color=color))
            place += 5 * len(name) + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}">'
        f"{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, anchor: str = "start", color: str = GRAY) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="9" font-family="sans-serif" fill="{color}" '
        f'text-anchor="{anchor}">{text}</text>'
    )


def small_maps(maps: Mapping[str, Pixels], *, gray: bool = False) -> dict[str, RGB]:
    """Draw maps, SIDE pixels high, by name, each scaled by its highest value; films in gray."""
    drawn = {}
    for name, values in list(maps.items())[:MOST]:
        shown = cv2.resize(values, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        shown = np.clip(shown / max(float(shown.max()), 1e-12), 0, 1).astype(np.float32)
        plain = np.dstack([np.rint(shown * 255).astype(np.uint8)] * 3)
        drawn[name] = plain if gray else colors(shown, Drawing.colormap)
    return drawn
