"""Session state of the lesion lab: the lesion of each film, and the analyzed films."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from xray.explain.registry import Progress
from xray.io.label_lists import NORMAL, plain
from xray.learn.cards import Card
from xray.models.ensemble import model_of
from xray.pipeline import Request, analyze
from xray.types import Case, Radiograph
from xray.ui.common.cases import linked_finding
from xray.ui.session import session
from xray.ui.whatif.state import is_known, once, worked_on
from xray.whatif.lesion_lab import Insertion, Surface, finding_for, inserted, surface
from xray.whatif.lesion_place import PLACES, MapPlace, Mask, allowed, centers, map_places

DEFAULT_KIND, DEFAULT_SIZE, DEFAULT_CONTRAST = "consolidation", 0.1, 0.6
CASES = 4  # analyzed films that are kept
MAX_CARDS = 12
FIELDS = ("kind", "size", "contrast", "x", "y", "seed")


def widget(field: str) -> str:
    """The widget key of a property of the lesion."""
    return f"lesion {field}"


def lesion_of(case: Case) -> Insertion:
    """The lesion of the film; at first one at a place in the lungs, or on the body.

    Then a finding for which it is evidence is chosen, unless the user chose one.
    """
    key = (case.radiograph.sha256,)
    lesions = session().whatif.lesions
    if key not in lesions:
        ((x, y),) = centers(mask_of(case), 1, seed=0)
        lesions[key] = Insertion(DEFAULT_KIND, x, y, DEFAULT_SIZE, DEFAULT_CONTRAST)
        if plain(linked_finding(case)) in NORMAL:
            lesion_finding = finding_for(DEFAULT_KIND, case.prediction.findings)
            session().choice.findings.setdefault(case.radiograph.sha256, lesion_finding)
    return lesions[key]


def place_at(case: Case, x: float, y: float) -> None:
    """Move the lesion to a point in source pixels."""
    session().whatif.lesions[(case.radiograph.sha256,)] = replace(lesion_of(case), x=x, y=y)


def change(case: Case, field: str) -> None:
    """Apply a widget to the lesion; sizes are shown in percent."""
    value = st.session_state[widget(field)]
    value = value / 100 if field == "size" else value
    session().whatif.lesions[(case.radiograph.sha256,)] = replace(lesion_of(case), **{field: value})


def mask_of(case: Case) -> Mask:
    """Where lesions may lie."""
    found: Mask = once(case, "lesion places", (), lambda: allowed(worked_on(case), case.lungs))
    return found


def with_lesion(case: Case, insertion: Insertion) -> Radiograph:
    """The film with the lesion."""
    return inserted(worked_on(case), insertion)


def analyzed(case: Case, film: Radiograph) -> Case:
    """The Case of a changed film with the model and the operating points of a Case; the last few are kept."""
    kept = session().whatif.lesion_cases
    key = case.radiograph.sha256, case.prediction.model_id, film.sha256
    if key not in kept:
        found = analyze(film, Request(case.prediction.model_id, anyway=True))
        for oldest in list(kept)[: max(0, len(kept) - CASES + 1)]:
            del kept[oldest]
        kept[key] = found
    found = kept[key]
    return replace(found, prediction=replace(found.prediction, thresholds=case.prediction.thresholds))


def surface_inputs(insertion: Insertion) -> tuple[Any, ...]:
    """What a surface depends on."""
    return insertion.kind, insertion.x, insertion.y, insertion.seed


def has_surface(case: Case, insertion: Insertion) -> bool:
    """Whether the surface of a lesion is computed."""
    return is_known(case, "lesion surface", surface_inputs(insertion))


def surface_of(case: Case, insertion: Insertion, progress: Progress) -> Surface:
    """The response over size and contrast, computed once for a kind, place and seed."""

    def compute() -> Surface:
        return surface(model_of(case.prediction), worked_on(case), insertion, progress)

    found: Surface = once(case, "lesion surface", surface_inputs(insertion), compute)
    return found


def place_inputs(insertion: Insertion, finding: str) -> tuple[Any, ...]:
    """What the comparison of maps over places depends on."""
    return insertion.kind, insertion.size, insertion.contrast, finding


def has_places(case: Case, insertion: Insertion, finding: str) -> bool:
    """Whether the maps of a lesion at other places are computed."""
    return is_known(case, "lesion maps", place_inputs(insertion, finding))


def places_of(case: Case, insertion: Insertion, finding: str, progress: Progress) -> list[MapPlace]:
    """The maps of the same lesion at PLACES seeded places, computed once for its properties."""

    def compute() -> list[MapPlace]:
        points = centers(mask_of(case), PLACES, seed=1)
        return map_places(model_of(case.prediction), worked_on(case), insertion, finding, points, progress)

    found: list[MapPlace] = once(case, "lesion maps", place_inputs(insertion, finding), compute)
    return found


def send_to_learn(case: Case, insertion: Insertion, finding: str) -> None:
    """Add the film with the lesion to the cards of the Learn page; the oldest ones are dropped."""
    cards = session().cards
    cards.append(Card(worked_on(case), insertion, case.prediction.model_id, finding))
    del cards[:-MAX_CARDS]
