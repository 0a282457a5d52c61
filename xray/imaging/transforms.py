"""Changes to a film: position, exposure, sharpness, noise, compression, resolution.

Each function takes pixels (H, W), float32 in [0, 1], and returns changed pixels and the affine from the
film to the changed film. Parameters have the same units everywhere: angles are in degrees, shifts are
shares of the film's width and height, the standard deviation of a blur is a share of the longer side, gray
values and the standard deviation of noise are shares of the range from black to white, JPEG quality is from
1 to 100. Random numbers come from a generator that the caller passes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.geometry import Affine
from xray.types import Pixels, Radiograph

IDENTITY = Affine.scale(1.0, 1.0)


class Transformed(NamedTuple):
    """A changed film.

    Attributes:
        pixels: float32 in [0, 1].
        affine: Maps source pixels of the film to source pixels of the changed film.
    """

    pixels: Pixels
    affine: Affine = IDENTITY


def move(
    pixels: Pixels,
    *,
    degrees: float = 0.0,
    across: float = 0.0,
    down: float = 0.0,
    factor: float = 1.0,
    fill: float | None = None,
) -> Transformed:
    """Rotate and scale a film about its center, then shift it, with a single bilinear interpolation.

    Args:
        pixels: (H, W) in [0, 1].
        degrees: Rotation, positive counterclockwise.
        across: Shift as a share of the width, positive to the right.
        down: Shift as a share of the height, positive downward.
        factor: Scale; above 1 enlarges.
        fill: Gray value outside the film. None repeats the film's edge.
    """
    height, width = pixels.shape
    matrix = np.array(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, factor), np.float64)
    matrix[:, 2] += across * width, down * height
    affine = Affine.from_matrix(matrix)
    return Transformed(affine.warp(pixels, (height, width), fill), affine)


def rotate(pixels: Pixels, degrees: float) -> Transformed:
    """Rotate about the center, positive counterclockwise; the edge is repeated."""
    return move(pixels, degrees=degrees)


def shift(pixels: Pixels, across: float, down: float) -> Transformed:
    """Shift by shares of the width and the height, right and down; the edge is repeated.

    A shift by whole pixels copies them without interpolation.
    """
    height, width = pixels.shape
    x, y = round(across * width), round(down * height)
    if not np.allclose((x, y), (across * width, down * height), rtol=0, atol=1e-6):
        return move(pixels, across=across, down=down)
    rows = np.clip(np.arange(height) - y, 0, height - 1)
    columns = np.clip(np.arange(width) - x, 0, width - 1)
    return Transformed(pixels[np.ix_(rows, columns)], Affine(1.0, 0.0, float(x), 0.0, 1.0, float(y)))


def scale(pixels: Pixels, factor: float) -> Transformed:
    """Enlarge (above 1) or reduce about the center, on the same grid; the edge is repeated."""
    return move(pixels, factor=factor)


def quarter_turn(pixels: Pixels, turns: int) -> Transformed:
    """Rotate by a number of counterclockwise quarter turns, without interpolation; (W, H) if it is odd."""
    height, width = _shape(pixels)
    affine = (
        IDENTITY,
        Affine(0.0, 1.0, 0.0, -1.0, 0.0, float(width)),
        Affine(-1.0, 0.0, float(width), 0.0, -1.0, float(height)),
        Affine(0.0, -1.0, float(height), 1.0, 0.0, 0.0),
    )[turns % 4]
    return Transformed(np.ascontiguousarray(np.rot90(pixels, turns)), affine)


def invert(pixels: Pixels) -> Transformed:
    """Exchange black and white."""
    return Transformed(np.float32(1) - pixels)


def brightness(pixels: Pixels, amount: float) -> Transformed:
    """Add an amount, a share of the range, to every gray value."""
    return _film(pixels + np.float32(amount))


def gain(pixels: Pixels, factor: float) -> Transformed:
    """Multiply every gray value by a factor."""
    return _film(pixels * np.float32(factor))


def gamma(pixels: Pixels, exponent: float) -> Transformed:
    """Raise every gray value to an exponent: below 1 brightens the film, above 1 darkens it."""
    return _film(pixels ** np.float32(exponent))


def window(pixels: Pixels, center: float, width: float) -> Transformed:
    """Spread [center - width / 2, center + width / 2], shares of the range, over [0, 1]."""
    return _film((pixels - center) / max(width, 1e-6) + 0.5)


def blur(pixels: Pixels, deviation: float) -> Transformed:
    """Blur with a Gaussian whose standard deviation is a share of the film's longer side."""
    return _film(cv2.GaussianBlur(pixels, (0, 0), deviation * max(pixels.shape)))


def noise(pixels: Pixels, deviation: float, generator: np.random.Generator) -> Transformed:
    """Add Gaussian noise whose standard deviation is a share of the range."""
    return _film(pixels + generator.normal(0, deviation, pixels.shape).astype(np.float32))


def jpeg(pixels: Pixels, quality: int) -> Transformed:
    """Compress as an 8-bit JPEG of a quality from 1 to 100, and decompress."""
    gray = np.rint(pixels * 255).astype(np.uint8)
    _, stream = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return Transformed(np.asarray(cv2.imdecode(stream, cv2.IMREAD_GRAYSCALE), np.float32) / np.float32(255))


def downsample(pixels: Pixels, side: int) -> Transformed:
    """Reduce a film to at most `side` px on its longer side, each the mean of the pixels it covers."""
    share = side / max(pixels.shape)
    if share >= 1:
        return Transformed(pixels)
    height, width = (max(1, round(length * share)) for length in pixels.shape)
    reduced = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return Transformed(_film(reduced).pixels, Affine.stretch(_shape(pixels), (height, width)))


def resolution(pixels: Pixels, share: float) -> Transformed:
    """Downsample to a share of the pixels per side, then enlarge to the original size."""
    coarse = downsample(pixels, max(1, round(share * max(pixels.shape)))).pixels
    return _film(cv2.resize(coarse, pixels.shape[::-1], interpolation=cv2.INTER_LINEAR))


def downsampled(radiograph: Radiograph, side: int) -> Radiograph:
    """The radiograph with its longer side at most `side` px, and its pixel spacing adapted."""
    pixels, affine = downsample(radiograph.pixels, side)
    if pixels is radiograph.pixels:
        return radiograph
    spacing = radiograph.spacing_mm
    if spacing:
        spacing = spacing[0] / affine.yy, spacing[1] / affine.xx
    return replace(radiograph, pixels=pixels, spacing_mm=spacing)


def _film(values: NDArray[Any]) -> Transformed:
    return Transformed(np.asarray(values.clip(0, 1), np.float32))


def _shape(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[0], pixels.shape[1]
