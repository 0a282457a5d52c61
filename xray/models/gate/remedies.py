"""Corrected copies of films that the input gate refuses for their orientation, gray values or colors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xray.imaging.photo import film_corners, straightened
from xray.imaging.transforms import invert, quarter_turn
from xray.models.gate.check import check_input
from xray.models.gate.kinds import INVERTED, SIDEWAYS, UPSIDE_DOWN
from xray.models.registry import ModelEntry
from xray.types import Radiograph

REMEDIES = {  # name of the action by the kind of the refusal
    INVERTED: "Invert and analyze",
    SIDEWAYS: "Turn and analyze",
    UPSIDE_DOWN: "Turn and analyze",
}
PHOTOGRAPHS = ("colored", "partly colored")
CROP = "Crop as a photograph of a film"
TURNS = {SIDEWAYS: (3, 1), UPSIDE_DOWN: (2,)}  # counterclockwise quarter turns to try


def remedy(radiograph: Radiograph, kind: str) -> str:
    """Name the action that corrects a refused film; empty without one.

    A colored picture has one if it shows a film with four corners on a brighter background.
    """
    if kind in PHOTOGRAPHS:
        return "" if film_corners(radiograph.pixels) is None else CROP
    return REMEDIES.get(kind, "")


def remedied(radiograph: Radiograph, kind: str, entry: ModelEntry) -> Radiograph:
    """Correct a refused film that has a remedy(), and note the change.

    Of the two directions in which a sideways film can be turned, the one that the gate accepts is used.

    Args:
        radiograph: The film.
        kind: Kind of the refusal.
        entry: Registry entry of the model.
    """
    corrected = list(_corrected(radiograph, kind))
    results = [check_input(film, entry) for film in corrected]
    preferred = ["accepted", INVERTED]
    ranks = [preferred.index(one.kind) if one.kind in preferred else len(preferred) for one in results]
    return corrected[ranks.index(min(ranks))]


def _corrected(radiograph: Radiograph, kind: str) -> Iterator[Radiograph]:
    pixels, spacing = radiograph.pixels, radiograph.spacing_mm
    if kind in PHOTOGRAPHS:
        film = straightened(radiograph)
        yield replace(film, color="gray", notes=(*film.notes, "The colors of the photograph are not used."))
        return
    if kind == INVERTED:
        note = "Gray values inverted by the user."
        yield replace(radiograph, pixels=invert(pixels).pixels, notes=(*radiograph.notes, note))
        return
    for turns in TURNS[kind]:
        note = f"Turned by {90 * (4 - turns)} degrees clockwise by the user."
        yield replace(
            radiograph,
            pixels=quarter_turn(pixels, turns).pixels,
            spacing_mm=spacing[::-1] if spacing and turns % 2 else spacing,
            notes=(*radiograph.notes, note),
        )
