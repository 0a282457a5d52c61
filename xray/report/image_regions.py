"""Where something lies on a film, in words. Sides are those of the image: a film does not tell which side of
the patient it shows.
"""

from __future__ import annotations

VERTICAL, HORIZONTAL = ("upper", "middle", "lower"), ("left", "center", "right")


def place(x: float, y: float, shape: tuple[int, int]) -> tuple[str, str]:
    """In which third from the top and from the left a point of an image (H, W) lies: ("upper", "left")."""
    height, width = shape
    return VERTICAL[_third(y / height)], HORIZONTAL[_third(x / width)]


def _third(share: float) -> int:
    return min(2, max(0, int(3 * share)))


def in_words(place: tuple[str, str]) -> str:
    """ "the upper left of the image", "the center of the image"."""
    vertical, horizontal = place
    if place == ("middle", "center"):
        return "the center of the image"
    return f"the {vertical} {horizontal} of the image"
