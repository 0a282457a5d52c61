"""Is the prediction stable under changes of the film that a reader would not notice or mind?

To add a change, decorate one function of pixels. On the sensitivity of networks to such changes: Hendrycks
and Dietterich 2019, arXiv:1903.12261; to shifts: Azulay and Weiss 2019, arXiv:1805.12177.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from xray.audit.predictions import Predictions
from xray.audit.registry import Judgment, passed_if, register
from xray.imaging.transforms import gain, jpeg, shift
from xray.registry import Registry
from xray.types import Pixels

MOVED = 0.05
Change = Callable[[Pixels, int], list[Pixels]]

CHANGES = Registry[Change]("change")


def change(name: str, title: str) -> Callable[[Change], Change]:
    """Return a decorator that registers a change and the check on it.

    The function receives pixels (H, W) and the network's input side in px, and returns the changed films.
    """

    def add(apply: Change) -> Change:
        CHANGES.add(name, apply)
        register(
            name,
            title=title,
            meaning="Mean absolute change of the probability that moves most; fails above.",
            threshold=MOVED,
            needs=4,
        )(partial(stays, name))
        return apply

    return add


def stays(name: str, predictions: Predictions) -> Judgment:
    """Measure the mean absolute change of the probability that changes most; at most MOVED passes.

    If a film is changed in several ways, the largest change counts. A probability that is not a number counts
    as a change of 1. Films next to an operating point change sides with any model, so the share of films
    that do is reported but not judged.
    """
    before = predictions.probabilities  # (n, K)
    after = np.array([film.changed[name] for film in predictions.valid])  # (n, V, K)
    moved = np.nan_to_num(np.abs(after - before[:, None]), nan=1.0).max(1)  # (n, K)
    worst = int(moved.mean(0).argmax())
    mean, most = float(moved[:, worst].mean()), float(moved[:, worst].max())
    point = predictions.entry.thresholds[worst]
    flipped = ((after[..., worst] >= point) != (before[:, None, worst] >= point)).any(1)
    why = (
        f"{predictions.entry.findings[worst]} moves by {mean:.1%} on average and {most:.1%} at most; "
        f"{flipped.mean():.0%} of {len(before)} films change the side of the operating point."
    )
    return Judgment(mean, passed_if(mean <= MOVED), why)


@change("jpeg", "Does the answer survive JPEG compression?")
def jpeg_compression(pixels: Pixels, side: int) -> list[Pixels]:
    """JPEG at quality 90 and 50."""
    return [jpeg(pixels, quality).pixels for quality in (90, 50)]


@change("one-pixel-shift", "Does the answer survive a shift by one pixel?")
def one_pixel_shift(pixels: Pixels, side: int) -> list[Pixels]:
    """Shifts down, up, right and left by one pixel of the network's input."""
    down, across = (max(1, round(length / side)) / length for length in pixels.shape)
    shifts = ((0, down), (0, -down), (across, 0), (-across, 0))
    return [shift(pixels, x, y).pixels for x, y in shifts]


@change("brightness", "Does the answer survive 10% more or less brightness?")
def ten_percent_brightness(pixels: Pixels, side: int) -> list[Pixels]:
    """Gray values multiplied by 0.9 and 1.1."""
    return [gain(pixels, factor).pixels for factor in (0.9, 1.1)]
