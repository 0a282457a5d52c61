"""What can be changed about a film, each by one slider. A newcomer is one decorated function.

Changes are applied in the order of this file, which is that in which a film comes to be: the body is placed,
exposed, blurred and grainy, scanned, windowed, stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.evidence.stability import turned
from xray.geometry import Affine
from xray.imaging.degrade import compressed, noisy, shrunk
from xray.registry import Registry
from xray.render.overlay import window
from xray.types import Pixels, Radiograph

Apply = Callable[[Pixels, float], NDArray[Any]]


@dataclass(frozen=True)
class Change:
    """A change of pixels (H, W) in [0, 1] by a value between low and high, in steps from neutral.

    At its neutral value a film is exactly as it was. help: what it does, in a sentence. moves: whether it
    takes the body elsewhere on the film.
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
        if value == self.neutral:
            return pixels
        return np.asarray(self.apply(pixels, value).clip(0, 1), np.float32)

    @property
    def reach(self) -> tuple[int, int]:
        """How many steps there are from neutral down to low, and up to high."""
        below, above = (self.neutral - self.low) / self.step, (self.high - self.neutral) / self.step
        return round(below), round(above)

    def at(self, steps: int) -> float:
        """The value so many steps from neutral."""
        return round(self.neutral + steps * self.step, 6)

    @property
    def named(self) -> str:
        """The title within a sentence."""
        return self.title if self.title[:2].isupper() else self.title.lower()

    def amount(self, value: float) -> str:
        """A value with its unit, and with its sign where there are two sides."""
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
    """Registers how pixels (H, W) change with a value."""

    def add(apply: Apply) -> Apply:
        CHANGES.add(name, Change(name, title, unit, *between, neutral, step, help, moves, apply))
        return apply

    return add


@change(
    "rotation", "Rotation", "°", (-90, 90), moves=True, help="About the middle, positive counterclockwise."
)
def rotation(pixels: Pixels, degrees: float) -> Pixels:
    shape = pixels.shape[0], pixels.shape[1]
    return turned(shape, degrees).warp(pixels, shape)


@change("across", "Shift across", "%", (-30, 30), moves=True, help="Of the width, positive to the right.")
def across(pixels: Pixels, percent: float) -> Pixels:
    return moved(pixels, percent / 100 * pixels.shape[1], 0.0)


@change("down", "Shift down", "%", (-30, 30), moves=True, help="Of the height, positive downward.")
def down(pixels: Pixels, percent: float) -> Pixels:
    return moved(pixels, 0.0, percent / 100 * pixels.shape[0])


def moved(pixels: Pixels, x: float, y: float) -> Pixels:
    return Affine(1.0, 0.0, x, 0.0, 1.0, y).warp(pixels, (pixels.shape[0], pixels.shape[1]))


@change(
    "brightness", "Brightness", "%", (-60, 60), help="Added to every gray value, in percent of the range."
)
def brightness(pixels: Pixels, percent: float) -> Pixels:
    return pixels + np.float32(percent / 100)


@change(
    "blur",
    "Blur",
    "%",
    (0, 5),
    step=0.1,
    help="Deviation of a Gaussian, in percent of the film's longer side.",
)
def blur(pixels: Pixels, percent: float) -> NDArray[Any]:
    return cv2.GaussianBlur(pixels, (0, 0), percent / 100 * max(pixels.shape))


@change("noise", "Noise", "%", (0, 40), help="Deviation of Gaussian noise, in percent of black to white.")
def noise(pixels: Pixels, percent: float) -> Pixels:
    return noisy(pixels, percent / 100)


@change(
    "resolution",
    "Resolution",
    "%",
    (2, 100),
    neutral=100,
    help="The film scanned at a share of its pixels a side, then enlarged again.",
)
def resolution(pixels: Pixels, percent: float) -> NDArray[Any]:
    small = shrunk(Radiograph(pixels, ""), max(1, round(percent / 100 * max(pixels.shape)))).pixels
    return cv2.resize(small, pixels.shape[::-1], interpolation=cv2.INTER_LINEAR)


@change(
    "center", "Window center", "%", (0, 100), neutral=50, help="The gray value that becomes the middle gray."
)
def center(pixels: Pixels, percent: float) -> Pixels:
    return window(pixels, percent / 100, 1.0)


@change(
    "width",
    "Window width",
    "%",
    (2, 100),
    neutral=100,
    help="The range of gray values that is spread from black to white.",
)
def width(pixels: Pixels, percent: float) -> Pixels:
    return window(pixels, 0.5, percent / 100)


@change(
    "jpeg", "JPEG quality", "", (1, 100), neutral=100, help="As stored in a JPEG of 8 bits; at 100 as it is."
)
def jpeg(pixels: Pixels, quality: float) -> Pixels:
    return compressed(pixels, round(quality))
