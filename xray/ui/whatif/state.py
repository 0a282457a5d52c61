"""Session state of the What if page: the history of each film and cached results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np
import streamlit as st

from xray.imaging.transforms import downsampled
from xray.models.ensemble import model_of
from xray.models.gate import check_input
from xray.types import Case, GateResult, Prediction, Radiograph
from xray.ui.common.cases import linked_finding
from xray.ui.session import KEPT, session
from xray.whatif.changes import CHANGES
from xray.whatif.cover import boxes_of
from xray.whatif.response import Flip, Response, flip, response
from xray.whatif.state import History, State, applied, control_of

SIDE = 1024  # longer side in pixels to which films are reduced, so that sliders respond quickly
FILMS = 4  # changed films that are cached
AXIS = "what-if axis"


@dataclass(frozen=True)
class Result:
    """The prediction for a changed film and the result of the input gate."""

    prediction: Prediction
    gate: GateResult


def slider_key(name: str) -> str:
    """The widget key of the slider of a change."""
    return f"what-if:{name}"


def worked_on(case: Case) -> Radiograph:
    """The film of the Case, reduced to SIDE pixels where it is larger."""
    film = case.radiograph
    small = downsampled(film, SIDE)
    if small is film:
        return film
    return replace(small, notes=(*film.notes, f"Reduced to {SIDE} px on its longer side."))


def history_of(case: Case) -> History:
    """The undo history of a film."""
    return session().whatif.histories.get((case.radiograph.sha256,), History())


def keep_history(case: Case, history: History) -> None:
    """Store the undo history of a film."""
    session().whatif.histories[(case.radiograph.sha256,)] = history


def move(case: Case, name: str) -> None:
    """Apply a moved slider and show the response to it."""
    history = history_of(case)
    keep_history(case, history.then(history.now.at(name, st.session_state[slider_key(name)])))
    st.session_state[AXIS] = name


def choose_cover(case: Case) -> None:
    """Apply the chosen way of covering boxes."""
    history = history_of(case)
    keep_history(case, history.then(replace(history.now, cover=st.session_state["what-if cover"])))


def cover_by_numbers(case: Case) -> None:
    """Cover the box entered as numbers; the corners may be in any order."""
    x = sorted(st.session_state[f"what-if {side}"] for side in ("left", "right"))
    y = sorted(st.session_state[f"what-if {side}"] for side in ("top", "bottom"))
    history = history_of(case)
    (box,) = boxes_of(np.array([[x[0], y[0], x[1], y[1]]], np.float32), worked_on(case).pixels.shape)
    go_to(case, history.then(replace(history.now, covered=(box,))))


def go_to(case: Case, history: History) -> None:
    """Replace the history, as undo, redo and reset do, and clear the canvas."""
    keep_history(case, history)
    fresh_canvas()


def fresh_canvas() -> None:
    """Replace the canvas, which keeps its rectangles, by an empty one."""
    session().whatif.canvas += 1


def predicted(case: Case, state: State) -> Result:
    """The prediction for the film in a state, at the operating points of the Case; computed once."""

    def compute() -> Result:
        model = model_of(case.prediction)
        film = changed_film(case, state)
        return Result(model.predict(film), check_input(film, model.entry))

    result: Result = once(case, "predictions", (state,), compute)
    prediction = replace(result.prediction, thresholds=case.prediction.thresholds)
    return replace(result, prediction=prediction)


def curve(case: Case, state: State, name: str) -> Response:
    """The response to one change, independent of its current value."""
    others = state.at(name, State().value(name))

    def compute() -> Response:
        model = model_of(case.prediction)
        return response(model, worked_on(case), others, name)

    return once(case, "curves", (others, name), compute)


def changed_film(case: Case, state: State) -> Radiograph:
    """The film in a state; the last few are cached, since a film is shown, predicted and opened."""
    films = session().whatif.films
    key = case.radiograph.sha256, state
    if key not in films:
        for oldest in list(films)[: max(0, len(films) - FILMS + 1)]:
            del films[oldest]
        films[key] = applied(worked_on(case), state)
    return films[key]


def control(case: Case, state: State) -> State | None:
    """The state with an equal area covered elsewhere; None without cover or room."""
    cover = State(covered=state.covered)
    elsewhere: State | None = once(case, "control", (cover,), lambda: control_of(worked_on(case), cover))
    return replace(state, covered=elsewhere.covered) if elsewhere else None


def search(case: Case, finding: str) -> None:
    """Request the search for smallest changes; it continues after an interruption by a slider."""
    session().whatif.results[(*_key(case), "search", finding)] = True


def is_searched(case: Case, finding: str, name: str | None = None) -> bool:
    """Whether a search was requested or, with a name, whether the search of that change is complete."""
    kind = ("search", finding) if name is None else ("flip", finding, name, _point(case, finding))
    return (*_key(case), *kind) in session().whatif.results


def smallest_change(case: Case, finding: str, name: str) -> Flip:
    """The smallest change of one kind that flips a finding, searched once."""

    def compute() -> Flip:
        return flip(model_of(case.prediction), worked_on(case), finding, name, point=point)

    point = _point(case, finding)
    return once(case, "flip", (finding, name, point), compute)


def open_changed(case: Case, state: State) -> None:
    """Open the changed film and show it."""
    film = changed_film(case, state)
    name = PurePath(film.name)
    opened = replace(film, name=f"{name.stem}-what-if{name.suffix}")
    key = f"{KEPT}what-if:{opened.sha256}"
    session().open(key, opened)
    session().choice.findings[opened.sha256] = linked_finding(case)


def entered() -> bool:
    """Whether the page was just entered and its widgets have no state."""
    return slider_key(next(iter(CHANGES))) not in st.session_state


def _point(case: Case, finding: str) -> float:
    return float(case.prediction.thresholds[case.prediction.findings.index(finding)])


def _key(case: Case) -> tuple[str, str]:
    return case.radiograph.sha256, case.prediction.model_id


def is_known(case: Case, kind: str, inputs: tuple[Any, ...]) -> bool:
    """Whether the session has the result of a computation of `once`."""
    return (*_key(case), kind, *inputs) in session().whatif.results


def once(case: Case, kind: str, inputs: tuple[Any, ...], compute: Callable[[], Any]) -> Any:
    """The result of a computation on a film with a model, which the session keeps by kind and inputs."""
    key = (*_key(case), kind, *inputs)
    if key not in session().whatif.results:
        session().whatif.results[key] = compute()
    return session().whatif.results[key]
