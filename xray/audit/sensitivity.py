"""Does the answer stay when the film changes in a way that no reader would notice or mind?

A newcomer is one decorated function that changes pixels. How fragile networks can be: Hendrycks and
Dietterich 2019, arXiv:1903.12261; to shifts: Azulay and Weiss 2019, arXiv:1805.12177.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image

from xray.audit.registry import Judgment, passed_if, register
from xray.audit.responses import Answers
from xray.registry import Registry
from xray.types import Pixels

MOVED = 0.05
Change = Callable[[Pixels, int], list[Pixels]]

CHANGES = Registry[Change]("change")


def change(name: str, title: str) -> Callable[[Change], Change]:
    """Registers pixels (H, W) and the network's side in px to changed pixels, and the check on them."""

    def add(changed: Change) -> Change:
        CHANGES.add(name, changed)
        register(
            name,
            title=title,
            meaning="Mean absolute change of the probability that moves most; fails above.",
            threshold=MOVED,
            needs=4,
        )(partial(stays, name))
        return changed

    return add


def stays(name: str, answers: Answers) -> Judgment:
    """MOVED: 5 percentage points on average are more than the answer may owe to what nobody sees.

    Of a film changed in several ways the largest change counts; no number counts as a change by 1. Films
    beside an operating point change sides with any model, so the share that does is told, not judged.
    """
    before = answers.probabilities  # (n, K)
    after = np.array([film.changed[name] for film in answers.answered])  # (n, V, K)
    moved = np.nan_to_num(np.abs(after - before[:, None]), nan=1.0).max(1)  # (n, K)
    worst = int(moved.mean(0).argmax())
    mean, most = float(moved[:, worst].mean()), float(moved[:, worst].max())
    point = answers.entry.thresholds[worst]
    flipped = ((after[..., worst] >= point) != (before[:, None, worst] >= point)).any(1)
    why = (
        f"{answers.entry.findings[worst]} moves by {mean:.1%} on average and {most:.1%} at most; "
        f"{flipped.mean():.0%} of {len(before)} films change the side of the operating point."
    )
    return Judgment(mean, passed_if(mean <= MOVED), why)


@change("jpeg", "Does the answer survive JPEG compression?")
def jpeg(pixels: Pixels, side: int) -> list[Pixels]:
    """At quality 90 and 50, in 8 bits."""
    changed = []
    for quality in (90, 50):
        buffer = io.BytesIO()
        Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(buffer, "JPEG", quality=quality)
        changed.append(np.asarray(Image.open(buffer), np.float32) / np.float32(255))
    return changed


@change("one-pixel-shift", "Does the answer survive a shift by one pixel?")
def one_pixel_shift(pixels: Pixels, side: int) -> list[Pixels]:
    """Down, up, right and left by one pixel of the network's input, the border repeated."""
    down, right = (max(1, round(length / side)) for length in pixels.shape)
    padded = np.pad(pixels, ((down, down), (right, right)), mode="edge")
    height, width = pixels.shape
    corners = ((0, right), (2 * down, right), (down, 0), (down, 2 * right))
    return [padded[row : row + height, column : column + width] for row, column in corners]


@change("brightness", "Does the answer survive 10% more or less brightness?")
def brightness(pixels: Pixels, side: int) -> list[Pixels]:
    return [(pixels * np.float32(factor)).clip(0, 1) for factor in (0.9, 1.1)]
