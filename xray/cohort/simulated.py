"""A simulated cohort with known labels; each film is generated when it is read."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from xray.cohort.labels import Labels
from xray.cohort.source import Content, File
from xray.imaging.phantom import chest_phantom
from xray.io.label_lists import FilmLabels
from xray.types import Radiograph

PAIRS = 10  # chests, each once normal and once with an opacity
SIZE = (256, 256)
OPACITY = frozenset({"consolidation", "infiltration", "opacity", "pneumonia"})  # names of an opacity
HEALTHY = frozenset({"no finding", "normal"})


def simulated_cohort() -> tuple[list[File], Labels]:
    """24 files: chests with and without an opacity, a duplicate, an upside-down one and two invalid files."""
    films = [
        File(f"{kind}/{number:02}.png", partial(_chest, number, kind == "opacity"))
        for number in range(1, PAIRS + 1)
        for kind in ("healthy", "opacity")
    ]
    known = {
        film.name: FilmLabels(
            OPACITY if film.name.startswith("opacity") else HEALTHY,
            patient=film.name.split("/")[1],
            known=OPACITY | HEALTHY,
        )
        for film in films
    }
    films += [
        File("again.png", partial(_chest, 1, finding=True)),
        File("upside-down.png", _upside_down),
        File("cut-short.png", partial(bytes, b"\x89PNG\r\n\x1a\n" + bytes(64))),
        File("notes.png", partial(bytes, b"These are words, and no film.")),
    ]
    return films, Labels(known)


def _chest(number: int, finding: bool) -> Content:
    """Every second opacity carries a lead marker."""
    marker = "L" if finding and number % 2 == 0 else None
    return chest_phantom(100 + number, finding, marker, SIZE).radiograph


def _upside_down() -> Radiograph:
    chest = chest_phantom(100 + PAIRS + 1, size=SIZE).radiograph
    return replace(chest, pixels=np.ascontiguousarray(chest.pixels[::-1]), name="upside-down.png")
