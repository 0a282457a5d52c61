"""What the What-if page keeps for a session: a history for every film, and answers once they are given."""

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
from xray.ui.session import KEPT, session
from xray.whatif.changes import CHANGES
from xray.whatif.cover import boxes_of
from xray.whatif.response import Flip, Response, flip, response
from xray.whatif.state import History, State, applied, control_of

SIDE = 1024  # pixels a side up to which a change is answered while a slider moves
FILMS = 4  # changed ones that are kept
AXIS = "what-if axis"


@dataclass(frozen=True)
class Answer:
    """What the model says of a film changed, and whether the input gate takes it."""

    prediction: Prediction
    gate: GateResult


def slider_key(name: str) -> str:
    return f"what-if:{name}"


def worked_on(case: Case) -> Radiograph:
    """The film that is changed: that of the Case, large ones made smaller."""
    film = case.radiograph
    small = downsampled(film, SIDE)
    if small is film:
        return film
    return replace(small, notes=(*film.notes, f"Worked on at {SIDE} px on its longer side."))


def history_of(case: Case) -> History:
    return session().whatif.histories.get((case.radiograph.sha256,), History())


def keep_history(case: Case, history: History) -> None:
    session().whatif.histories[(case.radiograph.sha256,)] = history


def move(case: Case, name: str) -> None:
    """A slider was moved: another state, and the response to that slider is shown."""
    history = history_of(case)
    keep_history(case, history.then(history.now.at(name, st.session_state[slider_key(name)])))
    st.session_state[AXIS] = name


def choose_cover(case: Case) -> None:
    history = history_of(case)
    keep_history(case, history.then(replace(history.now, cover=st.session_state["what-if cover"])))


def cover_by_numbers(case: Case) -> None:
    """The box given in numbers, whichever corners were named first."""
    x = sorted(st.session_state[f"what-if {side}"] for side in ("left", "right"))
    y = sorted(st.session_state[f"what-if {side}"] for side in ("top", "bottom"))
    history = history_of(case)
    (box,) = boxes_of(np.array([[x[0], y[0], x[1], y[1]]], np.float32), worked_on(case).pixels.shape)
    go_to(case, history.then(replace(history.now, covered=(box,))))


def go_to(case: Case, history: History) -> None:
    """Undo, redo, reset: a state from elsewhere, and an empty canvas to draw on."""
    keep_history(case, history)
    fresh_canvas()


def fresh_canvas() -> None:
    """A canvas keeps its rectangles; a new one has none, and says nothing until one is drawn."""
    session().whatif.canvas += 1


def answer(case: Case, state: State) -> Answer:
    def ask() -> Answer:
        model = model_of(case.prediction)
        film = changed_film(case, state)
        return Answer(model.predict(film), check_input(film, model.entry))

    return _once(case, "answers", (state,), ask)


def curve(case: Case, state: State, name: str) -> Response:
    """The response to one change; where its own slider stands does not matter."""
    rest = state.at(name, State().value(name))

    def ask() -> Response:
        model = model_of(case.prediction)
        return response(model, worked_on(case), rest, name)

    return _once(case, "curves", (rest, name), ask)


def changed_film(case: Case, state: State) -> Radiograph:
    """The film in a state; the last few are kept, as one is drawn, asked of and sent."""
    films = session().whatif.films
    key = case.radiograph.sha256, state
    if key not in films:
        for oldest in list(films)[: max(0, len(films) - FILMS + 1)]:
            del films[oldest]
        films[key] = applied(worked_on(case), state)
    return films[key]


def control(case: Case, state: State) -> State | None:
    """The same with as much covered elsewhere, where there is cover and room."""
    only = State(covered=state.covered)
    elsewhere: State | None = _once(case, "control", (only,), lambda: control_of(worked_on(case), only))
    return replace(state, covered=elsewhere.covered) if elsewhere else None


def search(case: Case, finding: str) -> None:
    """Have the smallest changes searched from now on, also after a slider broke in."""
    session().whatif.results[(*_key(case), "search", finding)] = True


def is_searched(case: Case, finding: str, name: str | None = None) -> bool:
    """Whether a search was asked for, or that of one change is done."""
    kind = ("search", finding) if name is None else ("flip", finding, name)
    return (*_key(case), *kind) in session().whatif.results


def smallest_change(case: Case, finding: str, name: str) -> Flip:
    def ask() -> Flip:
        return flip(model_of(case.prediction), worked_on(case), finding, name)

    return _once(case, "flip", (finding, name), ask)


def open_changed(case: Case, state: State) -> None:
    """Have the changed film among the open ones, as the one that is shown."""
    film = changed_film(case, state)
    name = PurePath(film.name)
    sent = replace(film, name=f"{name.stem}-what-if{name.suffix}")
    key = f"{KEPT}what-if:{sent.sha256}"
    session().open(key, sent)


def entered() -> bool:
    """Whether the page was just entered: its widgets are forgotten."""
    return slider_key(next(iter(CHANGES))) not in st.session_state


def _key(case: Case) -> tuple[str, str]:
    return case.radiograph.sha256, case.prediction.model_id


def _once(case: Case, kind: str, what: tuple[Any, ...], ask: Callable[[], Any]) -> Any:
    key = (*_key(case), kind, *what)
    if key not in session().whatif.results:
        session().whatif.results[key] = ask()
    return session().whatif.results[key]
