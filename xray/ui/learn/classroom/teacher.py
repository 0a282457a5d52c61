"""The teacher's view: open a class, show films, watch the commits, reveal, and close the class."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Literal

import streamlit as st

from xray.errors import RefusedRadiograph, XrayError
from xray.learn.classroom.invitation import CLASS
from xray.learn.classroom.room import STUDENTS, Classroom
from xray.learn.classroom.rooms import MINUTES, ROOMS
from xray.learn.deck import Deck
from xray.types import Case
from xray.ui.access import visitor
from xray.ui.common.cases import case_of
from xray.ui.common.escaping import literal
from xray.ui.common.messages import show_error
from xray.ui.learn.classroom.invitation import invitation
from xray.ui.learn.classroom.results import results
from xray.ui.learn.classroom.summary import summary
from xray.ui.learn.deck import chosen_run
from xray.ui.session import session
from xray.ui.viewer import viewer

ERROR = "class error"  # key of the last action's error
POLL = 1.0  # seconds between updates of the number of commits


def teach() -> None:
    """Show the visitor's class, or how to open or join one. Raises XrayError."""
    if error := st.session_state.pop(ERROR, None):
        show_error(error)
    room = ROOMS.taught_by(visitor())
    if room is None:
        opening()
        return
    bar(room)
    match room.stage.phase:
        case "lobby":
            lobby(room)
        case "ended":
            summary(room.deck, room.stage.outcomes)
        case "revealed":
            results(room, *analyzed(room))
        case _:
            film(room)


def opening() -> None:
    """Show the choice of the deck of a new class, and a field for the code of another teacher's class."""
    chosen = chosen_run()
    start, join = st.columns(2, gap="large")
    with start.container(border=True, height="stretch"):
        st.markdown("**Teach**")
        st.caption(
            f"Students join with their phones, mark and answer each film, and see the reference when you "
            f"reveal it. Up to {STUDENTS} students, {MINUTES // 60} hours. The class exists only in the "
            "memory of this computer and is gone when you close it."
        )
        action(
            "Open a class with this deck",
            ":material/cast_for_education:",
            lambda: open_class(chosen[0].deck) if chosen else None,
            disabled=chosen is None,
        )
    with join.container(border=True, height="stretch"):
        st.markdown("**Join**")
        code = st.text_input("Code of the class", max_chars=12, key="class code").strip()
        if st.button("Join", icon=":material/login:", width="stretch", disabled=not code):
            st.query_params.from_dict({CLASS: code.upper()})
            st.rerun()


def open_class(deck: Deck) -> None:
    """Open a class. Raises InvalidRequest or AccessDenied."""
    ROOMS.open(deck, visitor())
    quicken_updates()


def reveal(room: Classroom, case: Case | None) -> None:
    """Reveal the current film; the model's modules have been imported by now."""
    room.reveal(case)
    quicken_updates()


def quicken_updates() -> None:
    """Exempt all objects in memory from garbage collection.

    Streamlit collects garbage after each update of each phone. With torch imported, that takes longer than
    the update, and no other visitor is served meanwhile.
    """
    gc.collect()
    gc.freeze()


def bar(room: Classroom) -> None:
    """Show the current film, the code, and the actions that are always available."""
    stage, films = room.stage, len(room.deck.questions)
    with st.container(horizontal=True, vertical_alignment="center", key="class bar"):
        if stage.film is None:
            title = "Statistics of the class" if stage.phase == "ended" else "Waiting for students"
        else:
            title = f"Film {stage.number + 1} of {films}. {literal(stage.finding)}: present or absent?"
        st.subheader(title, anchor=False, width="stretch")
        if stage.phase == "revealed":
            next_step(room)
        if stage.phase not in ("lobby", "ended"):
            with st.popover(f"Join: {room.code}", icon=":material/qr_code_2:", width="content"):
                invitation(room, width=280)
        with st.popover("Close", icon=":material/close:", width="content"):
            st.markdown("All answers are deleted. Download the statistics first to keep them.")
            action("Close the class", ":material/delete:", lambda: ROOMS.close(visitor()))


def lobby(room: Classroom) -> None:
    """Show how to join, who has joined, and the button that shows the first film."""
    how, who = st.columns([3, 2], gap="large")
    with how:
        invitation(room)
    with who:
        joined(room.stage.version)
        action("Show film 1", ":material/play_arrow:", lambda: room.show(0))
        st.caption("Students can also join later.")


@st.fragment(run_every=POLL)
def joined(version: int) -> None:
    """Show how many students have joined, and their nicknames."""
    room = same_stage(version)
    st.metric("Students", room.size)
    named = [literal(name) for name in room.nicknames if name]
    if named:
        unnamed = room.size - len(named)
        st.caption(", ".join(named) + (f" and {unnamed} without a nickname" if unnamed else ""))


def film(room: Classroom) -> None:
    """Show the film without any result, the number of commits, and the next action."""
    shown = room.stage.film
    if shown is None:
        return
    opened = session().open_films.values()
    session().keep_only([*opened, shown])
    picture, controls = st.columns([5, 2], gap="medium")
    with picture:
        viewer(shown, key="class film", height=620)
    with controls:
        committed(room.stage.version)
        if room.stage.phase == "open":
            action("Close the answers", ":material/lock:", room.close)
            st.caption("Then the phones accept no more changes.")
        else:
            case, _ = analyzed(room)  # before the button, so that the reveal is immediate
            action("Reveal", ":material/visibility:", lambda: reveal(room, case))
            action("Reopen the answers", ":material/lock_open:", room.reopen, kind="secondary")
            st.caption(
                "The answers are closed. What a student has entered can still be committed until the reveal."
            )


@st.fragment(run_every=POLL)
def committed(version: int) -> None:
    """Show how many students have answered the film."""
    room = same_stage(version)
    st.metric("Committed", f"{room.committed} of {room.size}")
    st.progress(room.committed / max(1, room.size))


def same_stage(version: int) -> Classroom:
    """The visitor's class; reruns the page if it is over or has changed, as in another window."""
    room = ROOMS.taught_by(visitor())
    if room is None or room.stage.version != version:
        st.rerun()
    return room


def next_step(room: Classroom) -> None:
    """Show the button that leads to the next film, or to the statistics after the last one."""
    following = room.stage.number + 1
    if following < len(room.deck.questions):
        action("Next film", ":material/arrow_forward:", lambda: room.show(following), width="content")
    else:
        action("Class statistics", ":material/leaderboard:", room.finish, width="content")


def analyzed(room: Classroom) -> tuple[Case | None, str]:
    """The analyzed film; or None and the reason why the input gate refuses it. Raises XrayError."""
    shown = room.stage.film
    if shown is None:
        return None, ""
    try:
        return case_of(shown, room.question.model_id), ""
    except RefusedRadiograph as refusal:
        return None, str(refusal)


def action(
    label: str,
    icon: str,
    act: Callable[[], object],
    *,
    kind: Literal["primary", "secondary"] = "primary",
    width: Literal["stretch", "content"] = "stretch",
    disabled: bool = False,
) -> None:
    """Show a button that acts on the class. The action is a callback, which an update cannot interrupt."""
    st.button(label, icon=icon, type=kind, width=width, disabled=disabled, on_click=perform, args=(act,))


def perform(act: Callable[[], object]) -> None:
    """Act on the class; an error is shown in the run that follows."""
    try:
        act()
    except XrayError as error:
        st.session_state[ERROR] = error
