"""A student's view, on a phone: join by code, mark and answer each film, and see what is revealed."""

from __future__ import annotations

import secrets

import streamlit as st

from xray.errors import InvalidRequest
from xray.learn.classroom.room import NICKNAME, Draft, Seat, Stage
from xray.learn.classroom.rooms import ROOMS
from xray.learn.scores import Answer, Box, absent, score_of_reader, totals
from xray.types import Radiograph
from xray.ui.common.escaping import literal
from xray.ui.common.messages import fragment, show_error
from xray.ui.learn.classroom.results import score_column
from xray.ui.learn.reveal import true_boxes
from xray.ui.session import session
from xray.ui.viewer import Box as Drawn
from xray.ui.viewer import Region, viewer

TOKEN = "seat"  # query parameter
POLL = 1.5  # seconds between questions whether the teacher has gone on
HEIGHT = 480


def attend(code: str) -> None:
    """Show the class with a code to the student whose token is in the address. Raises XrayError."""
    seat = ROOMS.seat(code, st.query_params.get(TOKEN, ""))
    if seat is None:
        if ROOMS.is_open(code):
            join(code)
        else:
            over(code)
        return
    stage = seat.stage
    if stage.film is not None:
        session().keep_only([*session().open_films.values(), stage.film])
    match stage.phase:
        case "lobby":
            st.success("You are in. The first film appears when the teacher starts.", icon=":material/check:")
        case "revealed":
            revealed(seat, stage)
        case "ended":
            ended(seat, stage)
        case _:
            answering(seat, stage)
    follow(code, stage.version)


def join(code: str) -> None:
    """Ask for a nickname, and write the student's token into the address."""
    st.markdown(f"**Class {literal(code.upper())}**")
    with st.form("class join", border=False):
        nickname = st.text_input(
            "Nickname", max_chars=NICKNAME, help="Optional. Only the teacher sees it, and it is not stored."
        )
        joins = st.form_submit_button("Join", type="primary", icon=":material/login:", width="stretch")
    if joins:
        token = st.session_state.setdefault("class token", secrets.token_urlsafe(16))
        ROOMS.join(code, token, nickname)
        st.query_params[TOKEN] = token
        st.rerun()


def over(code: str) -> None:
    """State that there is no such class."""
    st.info(
        f"There is no class with the code {literal(code.upper()[:12])}: it is over, or the code is wrong.",
        icon=":material/info:",
    )
    st.button("Go to Learn", on_click=st.query_params.clear, width="stretch")


@st.fragment(run_every=POLL)
def follow(code: str, version: int) -> None:
    """Rerun the page when the teacher has gone on."""
    seat = ROOMS.seat(code, st.query_params.get(TOKEN, ""))
    if seat is None or seat.stage.version != version:
        st.rerun()
    name = f"{literal(seat.nickname)} · " if seat.nickname else ""
    st.caption(f"{name}Class {literal(code.upper())}. Keep this page open; after a reload you are still in.")


@fragment
def answering(seat: Seat, stage: Stage) -> None:
    """Show the film and the controls for the answer, or the answer once it is committed."""
    film, number = stage.film, stage.number
    if film is None:
        return
    st.markdown(f"**Film {number + 1} of {seat.films}.** {literal(stage.finding)}: present or absent?")
    answer = seat.answer(number)
    if answer is not None:
        committed(stage, answer)
        return
    closed, draft = stage.phase == "closed", seat.draft(number)
    key = f"class:{film.sha256}:{number}"
    if closed:
        st.warning(
            "The answers are closed. You can still commit what you have entered, until the reveal.",
            icon=":material/lock_clock:",
        )
    picture, controls = st.columns([5, 3], gap="medium")
    with picture:
        restore_mark(film, key, draft.mark)
        viewer(film, key=key, tools=() if closed else ("rectangle",), height=HEIGHT)
    with controls:
        given = {True: stage.finding, False: absent(stage.finding), None: None}[draft.present]
        says = st.segmented_control(
            "Your answer",
            [stage.finding, absent(stage.finding)],
            format_func=literal,
            default=given,
            key=f"answer {key}",
            disabled=closed,
            width="stretch",
        )
        st.slider(
            "How sure are you?",
            50,
            100,
            round(100 * draft.sure),
            5,
            format="%d%%",
            key=f"sure {key}",
            disabled=closed,
        )
        mark = last_mark(film, key)
        if says != absent(stage.finding):
            st.caption(
                "Your mark is on the film."
                if mark
                else f"Drag a rectangle around the {literal(stage.finding.lower())}; without it, the "
                "answer is no hit."
            )
        elif mark:
            st.caption("Your mark is not sent with this answer.")
        st.button(
            "Commit",
            type="primary",
            icon=":material/lock:",
            width="stretch",
            disabled=says is None,
            on_click=commit,
            args=(seat, stage, key),
        )
        if message := st.session_state.pop("class message", None):
            show_error(message)
    seat.keep_draft(number, entered(stage, key))


def entered(stage: Stage, key: str) -> Draft:
    """What the student has entered for the film, as the browser sent it last."""
    says = st.session_state.get(f"answer {key}")
    present = None if says is None else says == stage.finding
    sure = st.session_state.get(f"sure {key}", 75) / 100
    return Draft(present, sure, last_mark(stage.film, key) if stage.film else None)


def commit(seat: Seat, stage: Stage, key: str) -> None:
    """Commit what the student has entered; a refusal is shown in the next run."""
    draft = entered(stage, key)
    if draft.present is None:
        return
    try:
        seat.commit(stage.number, Answer(draft.present, draft.sure, draft.mark))
    except InvalidRequest as error:
        st.session_state["class message"] = error


def last_mark(film: Radiograph, key: str) -> Box | None:
    """The last rectangle that the student drew, in source pixels."""
    regions = session().marks.get((key, film.sha256), ())
    return regions[-1].box if regions else None


def restore_mark(film: Radiograph, key: str, mark: Box | None) -> None:
    """Show the mark of a draft after a reload."""
    if mark is not None:
        left, top, right, bottom = mark
        region = Region("rectangle", ((left, top), (right, bottom)))
        session().marks.setdefault((key, film.sha256), (region,))


def committed(stage: Stage, answer: Answer) -> None:
    """Confirm the student's answer and show it."""
    says = literal(stage.finding if answer.present else absent(stage.finding))
    st.success(f"Committed: {says}, {answer.sure:.0%} sure.", icon=":material/check_circle:")
    if stage.film is not None:
        viewer(stage.film, key="class committed", boxes=own(answer), parts="picture", height=HEIGHT)
    st.caption("Wait for the reveal.")


def revealed(seat: Seat, stage: Stage) -> None:
    """Show the reference with the student's mark, and the scores of student, class and model."""
    outcome, film, answer = stage.outcome, stage.film, seat.answer(stage.number)
    if outcome is None or film is None:
        return
    reference = outcome.reference
    shown = literal(reference.title(stage.finding))
    st.markdown(f"**Film {stage.number + 1} of {seat.films}. Reference: {shown}**")
    boxes = [*true_boxes(reference), *(own(answer) if answer else [])]
    picture, both = st.columns([5, 3], gap="medium")
    with picture:
        viewer(film, key="class reference", boxes=boxes, parts="picture", height=HEIGHT)
        place = " Green: the reference." if len(reference.boxes) else ""
        mine = " Blue: your mark." if answer and answer.mark else ""
        st.caption(literal(reference.known_by) + place + mine)
    with both:
        if answer is None:
            st.info("You did not commit an answer to this film.", icon=":material/info:")
        score = score_of_reader(answer, reference) if answer else None
        st.table(
            {
                " ": ["Answer", "Probability", "Correct", "Hit", "IoU", "Brier"],
                "You": score_column(score, stage.finding),
                "Class": score_column(outcome.crowd, stage.finding),
                "Model": score_column(outcome.model, stage.finding),
            }
        )


def ended(seat: Seat, stage: Stage) -> None:
    """Show the student's own totals."""
    answered = [(seat.answer(found.number), found.reference) for found in stage.outcomes]
    own = totals(score_of_reader(answer, truth) for answer, truth in answered if answer)
    st.success("The deck is complete.", icon=":material/check_circle:")
    with st.grid(2, min_column_width=120):
        st.metric("Correct", f"{own.correct} of {own.answered}")
        st.metric("Places found", f"{own.hits} of {own.places}")
        st.metric("Mean IoU", "–" if own.iou is None else f"{own.iou:.2f}")
        st.metric("Mean Brier", "–" if own.brier is None else f"{own.brier:.3f}")


def own(answer: Answer) -> list[Drawn]:
    """The student's mark, for the viewer."""
    return [] if answer.mark is None else [Drawn(answer.mark, "yours", "mark")]
