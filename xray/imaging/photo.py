"""Photographs of a film on a light box: detection of glare and tilt, and correction of the perspective."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.types import Pixels, Radiograph

Corners = NDArray[np.float32]
SIDE = 640  # longer side in px at which a photograph is examined
SMALLEST, LARGEST = 0.2, 0.97  # share of the photograph that a film covers
SLANT = 1.12  # highest accepted ratio of opposite sides
TURN = 5.0  # highest accepted rotation of the film, in degrees
WHITE = 0.97  # lowest gray value of glare
GLARE = 0.004  # highest accepted share of glare on the film
LETTER = 0.02  # highest width of a letter's stroke, as a share of the longer side


def warnings(pixels: Pixels) -> tuple[str, ...]:
    """Detect glare and tilt of a film photographed on a brighter background.

    Args:
        pixels: (H, W) in [0, 1].

    Returns:
        One sentence per problem; empty without problems or if no film with four corners is found.
    """
    factor = min(1.0, SIDE / max(pixels.shape))
    small = np.asarray(
        cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.float32
    )
    corners = film_corners(small)
    if corners is None:
        return ()
    found = []
    if slant(corners) > SLANT or turn(corners) > TURN:
        found.append("The film was photographed at an angle: hold the camera parallel to it.")
    if glare(small, corners) > GLARE:
        found.append("There is glare on the film: switch off other lights, or move the camera.")
    return tuple(found)


def straightened(photograph: Radiograph) -> Radiograph:
    """Crop the film and correct its perspective; without four corners, change nothing."""
    corners = film_corners(photograph.pixels)
    if corners is None:
        return photograph
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = round(float(sides[[0, 2]].mean())), round(float(sides[[1, 3]].mean()))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    move = cv2.getPerspectiveTransform(corners, target)
    film = cv2.warpPerspective(photograph.pixels, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    note = "The film was cropped at its four corners and its perspective was corrected."
    return replace(
        photograph, pixels=np.asarray(film, np.float32).clip(0, 1), notes=(*photograph.notes, note)
    )


def film_corners(pixels: Pixels) -> Corners | None:
    """Find the corners (4, 2) of the film, darker than its background: (x, y), clockwise from top left."""
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
    """Return the larger ratio of opposite sides; 1 for a film photographed straight from the front."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    return float(max(max(pair) / min(pair) for pair in zip(sides[:2], sides[2:], strict=True)))


def turn(corners: Corners) -> float:
    """Return the angle in degrees between the top of the film and the top of the photograph."""
    top = corners[1] - corners[0]
    return float(abs(np.degrees(np.arctan2(top[1], top[0]))))


def glare(pixels: Pixels, corners: Corners) -> float:
    """Return the share of the film covered by white spots wider than a letter's stroke."""
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
