"""A film on a light box, taken with a camera: what may mislead, found in the picture itself."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.types import Pixels, Radiograph

Corners = NDArray[np.float32]
SIDE = 640  # pixels of the long side at which a picture is looked at
SMALLEST, LARGEST = 0.2, 0.97  # share of the picture that a film covers
SLANT, TURN = (
    1.12,
    5.0,
)  # opposite sides as a ratio, and degrees off the picture's own sides, from which it is said
WHITE, GLARE, LETTER = (
    0.97,
    0.004,
    0.02,
)  # glare: so bright, on so much of the film, wider than a letter's stroke


def warnings(pixels: Pixels) -> tuple[str, ...]:
    """Sentences about glare and slant of a film photographed on a brighter ground, pixels (H, W) in [0, 1].

    Empty where nothing is wrong, or where no film with four corners is seen on the picture.
    """
    factor = min(1.0, SIDE / max(pixels.shape))
    small = np.asarray(
        cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.float32
    )
    corners = film_corners(small)
    if corners is None:
        return ()
    said = []
    if slant(corners) > SLANT or turn(corners) > TURN:
        said.append("The film was photographed at a slant: hold the camera straight in front of it.")
    if glare(small, corners) > GLARE:
        said.append("There is glare on the film: switch off other lights, or move the camera.")
    return tuple(said)


def straightened(photograph: Radiograph) -> Radiograph:
    """The film alone, as from straight in front; the photograph as it is where no four corners are seen."""
    corners = film_corners(photograph.pixels)
    if corners is None:
        return photograph
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = round(float(sides[[0, 2]].mean())), round(float(sides[[1, 3]].mean()))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    move = cv2.getPerspectiveTransform(corners, target)
    film = cv2.warpPerspective(photograph.pixels, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    note = "The film's four corners were found; it was cut out and straightened."
    return replace(
        photograph, pixels=np.asarray(film, np.float32).clip(0, 1), notes=(*photograph.notes, note)
    )


def film_corners(pixels: Pixels) -> Corners | None:
    """Corners (4, 2) of the darker film as (x, y): top left, top right, bottom right, bottom left."""
    smooth = cv2.GaussianBlur(np.rint(pixels * 255).astype(np.uint8), (0, 0), 3)
    _, dark = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    outlines, _ = cv2.findContours(dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return None
    hull = cv2.convexHull(max(outlines, key=cv2.contourArea))
    found = cv2.approxPolyDP(hull, 0.02 * cv2.arcLength(hull, True), True)[:, 0].astype(np.float32)
    share = cv2.contourArea(hull) / pixels.size
    if len(found) != 4 or not SMALLEST < share < LARGEST:
        return None
    total, apart = found.sum(1), found[:, 0] - found[:, 1]
    return found[[total.argmin(), apart.argmax(), total.argmax(), apart.argmin()]]


def slant(corners: Corners) -> float:
    """The larger ratio of opposite sides: 1 for a film seen from straight in front."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    return float(
        max(max(one, other) / min(one, other) for one, other in zip(sides[:2], sides[2:], strict=True))
    )


def turn(corners: Corners) -> float:
    """Degrees by which the top of the film is off the picture's."""
    across = corners[1] - corners[0]
    return float(abs(np.degrees(np.arctan2(across[1], across[0]))))


def glare(pixels: Pixels, corners: Corners) -> float:
    """The share of the film that is white in spots wider than any letter."""
    film = np.zeros(pixels.shape, np.uint8)
    cv2.fillConvexPoly(film, np.rint(corners).astype(np.int32), (1,))
    width = max(3, round(LETTER * max(pixels.shape)))
    inside = cv2.erode(film, np.ones((width, width), np.uint8))
    spots = cv2.morphologyEx(
        ((pixels >= WHITE) & (inside > 0)).astype(np.uint8),
        cv2.MORPH_OPEN,
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)),
    )
    return float(spots.sum() / max(1, inside.sum()))
