"""Training augmentation of films with lung masks: pose, opacities, exposure, occlusion, resolution.

Films (S, S) are float32 in [0, 1]; masks (2, S, S) are the shares of each pixel that the two lungs cover, the
lung on the left of the image first. Opacities and hidden places leave the masks unchanged, so that a
consolidated or covered lung counts as lung.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.imaging.transforms import blur, gamma, jpeg, noise, resolution, window
from xray.types import Pixels

Generator = np.random.Generator


class MaskedFilm(NamedTuple):
    """A film (H, W) and the masks of its lungs (2, H, W): uint8 up to 255, or float32 in [0, 1]."""

    pixels: NDArray[Any]
    masks: NDArray[Any]


def augmented(film: MaskedFilm, size: int, generator: Generator) -> MaskedFilm:
    """Return a random variant of a film of any size, as float32 with a side of `size` px."""
    pixels, masks = posed(film, size, generator)
    if generator.random() < 0.5:
        pixels = with_opacities(pixels, masks, generator)
    pixels = exposed(pixels, generator)
    if generator.random() < 0.5:
        pixels = marked(pixels, generator)
    if generator.random() < 0.3:
        pixels = partly_hidden(pixels, generator)
    if generator.random() < 0.3:
        pixels, masks = collimated(pixels, masks, generator)
    return MaskedFilm(degraded(pixels, generator), masks)


def posed(film: MaskedFilm, size: int, generator: Generator, strength: float = 1.0) -> MaskedFilm:
    """Rotate, zoom, stretch, shear, shift and mirror a film; mirroring exchanges the two masks.

    Args:
        film: A film of any size.
        size: Side of the result in px.
        generator: Random generator.
        strength: Factor of all changes but mirroring.
    """
    height, width = film.pixels.shape
    angle = np.radians(generator.normal(0, 7) if generator.random() < 0.85 else generator.uniform(-30, 30))
    angle *= strength
    zoom = np.exp(strength * generator.uniform(-0.5, 0.45))
    stretch = np.exp(strength * generator.normal(0, 0.14))
    mirrored = generator.random() < 0.25
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shear = np.array([[1.0, strength * generator.normal(0, 0.05)], [0.0, 1.0]])
    scale = np.diag([zoom * stretch * (-1 if mirrored else 1), zoom / stretch])
    linear = rotation @ shear @ scale @ np.diag([size / width, size / height])
    center = size / 2 + strength * generator.normal(0, 0.07, 2) * size
    matrix = np.column_stack([linear, center - linear @ (width / 2, height / 2)])
    edge = generator.choice([cv2.BORDER_CONSTANT, cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE])
    fill = 0.0 if generator.random() < 0.7 else float(generator.random())

    def warped(pixels: Pixels, mode: int, value: float) -> Pixels:
        moved = cv2.warpAffine(pixels, matrix, (size, size), borderMode=mode, borderValue=value)
        return np.asarray(moved, np.float32) / np.float32(255)

    masks = np.stack([warped(mask, cv2.BORDER_CONSTANT, 0) for mask in film.masks])
    return MaskedFilm(warped(film.pixels, int(edge), 255 * fill), masks[::-1] if mirrored else masks)


def with_opacities(pixels: Pixels, masks: Pixels, generator: Generator) -> Pixels:
    """Add soft opacities, effusions or whitening to the lungs, toward the gray of dense tissue."""
    size = len(pixels)
    outside = pixels[(masks.sum(0) < 0.5) & (pixels > 0.05)]
    dense = float(np.quantile(outside, generator.uniform(0.6, 0.95))) if outside.size else 0.8
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32)
    cover = np.zeros_like(pixels)
    for mask in masks:
        inside = np.argwhere(mask > 0.5)
        if not len(inside) or generator.random() < 0.3:
            continue
        kind, strength = generator.random(), generator.uniform(0.25, 1.0)
        if kind < 0.2:  # effusion: dense below a level
            level = generator.uniform(*np.quantile(inside[:, 0], (0.35, 0.95)))
            slope = generator.normal(0, 0.25)
            middle = inside[:, 1].mean()
            depth = (rows - level - slope * (columns - middle)) / generator.uniform(1.5, 8)
            shape = mask / (1 + np.exp(-depth.clip(-30, 30)))
        elif kind < 0.4:  # diffuse
            shape = mask * generator.uniform(0.4, 1.0)
        else:
            shape = np.zeros_like(pixels)
            for _ in range(generator.integers(1, 5)):
                row, column = inside[generator.integers(len(inside))]
                height, width = size * np.exp(generator.uniform(np.log(0.03), np.log(0.18), 2))
                shape += np.exp(-(((rows - row) / height) ** 2) - ((columns - column) / width) ** 2)
        cover = np.maximum(cover, strength * shape.clip(0, 1))
    coarse = generator.normal(1, 0.25, (24, 24)).astype(np.float32)
    texture = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
    cover = (cover * texture).clip(0, 1)
    return pixels + cover * np.maximum(np.float32(dense) - pixels, 0)


def exposed(pixels: Pixels, generator: Generator) -> Pixels:
    """Change gamma, window and local contrast."""
    pixels = gamma(pixels, np.exp(generator.normal(0, 0.35))).pixels
    if generator.random() < 0.2:
        equalizer = cv2.createCLAHE(generator.uniform(1, 4), (8, 8))
        pixels = np.asarray(equalizer.apply(np.rint(pixels * 255).astype(np.uint8)) / 255, np.float32)
    if generator.random() < 0.2:
        soft = blur(pixels, generator.uniform(0.01, 0.05)).pixels
        pixels = (pixels + generator.uniform(0.3, 1.5) * (pixels - soft)).clip(0, 1)
    width = generator.uniform(0.6, 1.2) if generator.random() < 0.8 else generator.uniform(1.2, 4.0)
    return window(pixels, 0.5 + generator.normal(0, 0.1), width).pixels


def marked(pixels: Pixels, generator: Generator) -> Pixels:
    """Draw letters, plates, wires and electrodes, bright or dark."""
    size, drawn = len(pixels), np.rint(pixels * 255).astype(np.uint8)
    for _ in range(generator.integers(1, 4)):
        x, y = (int(value) for value in generator.integers(0, size, 2))
        gray = (255, 240, int(generator.integers(256)), 0)[int(generator.integers(4))]
        kind = generator.integers(4)
        if kind == 0:
            text = str(generator.choice(["L", "R", "PA", "AP ERECT", "PORTABLE", "12:30"]))
            font, thick = generator.uniform(0.3, 0.9), int(generator.integers(1, 3))
            cv2.putText(drawn, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, font, gray, thick)
        elif kind == 1:
            corner = (x + int(generator.integers(4, size // 4)), y + int(generator.integers(3, size // 8)))
            cv2.rectangle(drawn, (x, y), corner, gray, -1)
        elif kind == 2:
            steps = np.add((x, y), generator.normal(0, size / 8, (5, 2)).cumsum(0))
            cv2.polylines(drawn, [steps.astype(np.int32)], False, gray, 1, cv2.LINE_AA)
        else:
            cv2.circle(drawn, (x, y), int(generator.integers(2, 7)), gray, int(generator.choice([-1, 1])))
    return drawn.astype(np.float32) / np.float32(255)


def partly_hidden(pixels: Pixels, generator: Generator) -> Pixels:
    """Replace random cells of a coarse grid by the mean of the film, by a blurred film or by noise."""
    cells = int(generator.integers(4, 11))
    chosen = (generator.random((cells, cells)) < generator.uniform(0.05, 0.4)).astype(np.float32)
    hidden = cv2.resize(chosen, pixels.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    kind = generator.integers(3)
    if kind == 0:
        fill = np.full_like(pixels, pixels.mean())
    elif kind == 1:
        fill = blur(pixels, 0.06).pixels
    else:
        fill = noise(np.full_like(pixels, pixels.mean()), 0.15, generator).pixels
    return np.where(hidden, fill, pixels)


def collimated(pixels: Pixels, masks: Pixels, generator: Generator) -> MaskedFilm:
    """Blacken strips at the edges, as a collimator does; there is no lung there."""
    size = len(pixels)
    field = np.zeros_like(pixels)
    top, bottom, left, right = (generator.uniform(0, 0.14, 4) * size).astype(int)
    field[top : size - bottom, left : size - right] = 1
    return MaskedFilm(pixels * field, masks * field)


def degraded(pixels: Pixels, generator: Generator) -> Pixels:
    """Reduce resolution and add blur, noise and compression."""
    if generator.random() < 0.4:
        pixels = resolution(pixels, generator.uniform(0.4, 0.9)).pixels
    if generator.random() < 0.2:
        pixels = blur(pixels, generator.uniform(0.002, 0.009)).pixels
    if generator.random() < 0.4:
        pixels = noise(pixels, generator.uniform(0.005, 0.06), generator).pixels
    if generator.random() < 0.2:
        pixels = jpeg(pixels, int(generator.integers(25, 90))).pixels
    return pixels
