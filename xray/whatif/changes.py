"""The changes of the What-if page, one slider each. To add a change, decorate one function.

Changes are applied in the order of this file, which follows the acquisition of a film: position, exposure,
blur, noise, scan, window, storage. Sliders count in percent where xray.imaging.transforms counts in shares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xray.imaging import transforms
from xray.imaging.transforms import Transformed
from xray.registry import Registry
from xray.types import Pixels

Apply = Callable[[Pixels, float], Transformed]


@dataclass(frozen=True)
class Change:
    """A change of pixels (H, W) in [0, 1] with one value; at the neutral value the film stays the same.

    Attributes:
        name: Key in CHANGES and in files.
        title: Label of the slider.
        unit: Follows a value, for example "%".
        low: Lowest value.
        high: Highest value.
        neutral: Value at which nothing changes.
        step: Distance of two neighboring values.
        help: What the change does, in one sentence.
        moves: Whether the body moves on the film.
        apply: Changes pixels (H, W) by a value.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float
    neutral: float
    step: float
    help: str
    moves: bool
    apply: Apply

    def __call__(self, pixels: Pixels, value: float) -> Pixels:
        """Change pixels (H, W) by a value; at the neutral value they are returned as they are."""
        if value == self.neutral:
            return pixels
        return self.apply(pixels, value).pixels

    @property
    def reach(self) -> tuple[int, int]:
        """Number of steps from neutral down to low, and up to high."""
        below, above = (self.neutral - self.low) / self.step, (self.high - self.neutral) / self.step
        return round(below), round(above)

    def at(self, steps: int) -> float:
        """The value at a number of steps from neutral; negative steps lie below it."""
        return round(self.neutral + steps * self.step, 6)

    @property
    def named(self) -> str:
        """The title as it appears within a sentence."""
        return self.title if self.title[:2].isupper() else self.title.lower()

    def amount(self, value: float) -> str:
        """A value with its unit, and with a plus sign if negative values exist."""
        return f"{value:{'+' if self.low < self.neutral == 0 else ''}g}{self.unit}"


CHANGES = Registry[Change]("change")


def change(
    name: str,
    title: str,
    unit: str,
    between: tuple[float, float],
    *,
    help: str,
    neutral: float = 0.0,
    step: float = 1.0,
    moves: bool = False,
) -> Callable[[Apply], Apply]:
    """Return a decorator that registers a function of pixels (H, W) and a value as a change (see Change)."""

    def add(apply: Apply) -> Apply:
        CHANGES.add(name, Change(name, title, unit, *between, neutral, step, help, moves, apply))
        return apply

    return add


@change(
    "rotation", "Rotation", "°", (-90, 90), moves=True, help="About the center, positive counterclockwise."
)
def rotation(pixels: Pixels, degrees: float) -> Transformed:
    """Rotate by degrees."""
    return transforms.rotate(pixels, degrees)


@change("across", "Shift across", "%", (-30, 30), moves=True, help="Of the width, positive to the right.")
def across(pixels: Pixels, percent: float) -> Transformed:
    """Shift across by percent of the width."""
    return transforms.shift(pixels, percent / 100, 0.0)


@change("down", "Shift down", "%", (-30, 30), moves=True, help="Of the height, positive downward.")
def down(pixels: Pixels, percent: float) -> Transformed:
    """Shift down by percent of the height."""
    return transforms.shift(pixels, 0.0, percent / 100)


@change(
    "brightness", "Brightness", "%", (-60, 60), help="Added to every gray value, in percent of the range."
)
def brightness(pixels: Pixels, percent: float) -> Transformed:
    """Add percent of the range."""
    return transforms.brightness(pixels, percent / 100)


@change(
    "blur",
    "Blur",
    "%",
    (0, 5),
    step=0.1,
    help="Standard deviation of a Gaussian, in percent of the film's longer side.",
)
def blur(pixels: Pixels, percent: float) -> Transformed:
    """Blur with a standard deviation in percent of the longer side."""
    return transforms.blur(pixels, percent / 100)


@change("noise", "Noise", "%", (0, 40), help="Standard deviation of Gaussian noise, in percent of the range.")
def noise(pixels: Pixels, percent: float) -> Transformed:
    """Add noise with a standard deviation in percent of the range, always the same."""
    return transforms.noise(pixels, percent / 100, np.random.default_rng(0))


@change(
    "resolution",
    "Resolution",
    "%",
    (2, 100),
    neutral=100,
    help="Pixels per side, in percent of the film's; the film is enlarged again afterwards.",
)
def resolution(pixels: Pixels, percent: float) -> Transformed:
    """Reduce to percent of the pixels per side, and enlarge again."""
    return transforms.resolution(pixels, percent / 100)


@change("center", "Window center", "%", (0, 100), neutral=50, help="The gray value shown as middle gray.")
def center(pixels: Pixels, percent: float) -> Transformed:
    """Move the center of the window to percent of the range."""
    return transforms.window(pixels, percent / 100, 1.0)


@change(
    "width",
    "Window width",
    "%",
    (2, 100),
    neutral=100,
    help="The range of gray values that is spread from black to white.",
)
def width(pixels: Pixels, percent: float) -> Transformed:
    """Narrow the window to percent of the range."""
    return transforms.window(pixels, 0.5, percent / 100)


@change(
    "jpeg",
    "JPEG quality",
    "",
    (1, 100),
    neutral=100,
    help="Quality of 8-bit JPEG compression; 100 leaves the film unchanged.",
)
def jpeg(pixels: Pixels, quality: float) -> Transformed:
    """Compress as JPEG of a quality from 1 to 100."""
    return transforms.jpeg(pixels, round(quality))
