"""Regions of a film: thirds from top to bottom and from left to right, and zones of the lungs.

Sides of regions are those of the image; a film does not show which side of the patient it is. Zones are named
as in the usual display of a frontal film.
"""

from __future__ import annotations

from xray.types import OUTSIDE

VERTICAL, HORIZONTAL = ("upper", "middle", "lower"), ("left", "center", "right")


def region(x: float, y: float, shape: tuple[int, int]) -> tuple[str, str]:
    """Return the vertical and horizontal third of an image (H, W) that a point lies in: ("upper", "left")."""
    height, width = shape
    return VERTICAL[_third(y / height)], HORIZONTAL[_third(x / width)]


def _third(share: float) -> int:
    return min(2, max(0, int(3 * share)))


def in_words(region: tuple[str, str]) -> str:
    """Describe a region: "the upper left of the image", "the center of the image"."""
    vertical, horizontal = region
    if region == ("middle", "center"):
        return "the center of the image"
    return f"the {vertical} {horizontal} of the image"


def in_zone(zone: str) -> str:
    """Describe a zone of the lungs: "in the right lower zone", "outside the lungs"."""
    return zone if zone == OUTSIDE else f"in the {zone} zone"
