"""What a lesson is made of, and the film that lessons share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from xray.imaging.phantom import Phantom, chest_phantom

MODEL = "findings-densenet121"  # the bundled one whose maps of phantoms hold positive evidence


@dataclass(frozen=True)
class Lesson:
    """name: as it stands in the address. text: three to six sentences. show: the one control and what it
    moves. notice: what to look for.
    """

    name: str
    title: str
    text: str
    show: Callable[[], None]
    notice: str
    paper: str


@cache
def chest() -> Phantom:
    """A simulated chest with an opacity."""
    return chest_phantom(0, finding=True)
