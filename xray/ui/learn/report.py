"""Report practice: the student writes two sentences, which are checked against the measured facts."""

from __future__ import annotations

import secrets
from functools import lru_cache

import streamlit as st

from xray.errors import InvalidRequest
from xray.learn.report_practice import (
    FILMS,
    FINDING,
    MAX_CHARACTERS,
    MODEL,
    checked_text,
    practice_film,
)
from xray.learn.scores import Reference
from xray.learn.why import why_reference
from xray.models.registry import entry
from xray.report import Report, report
from xray.report.text import SECTIONS
from xray.types import Case, Radiograph
from xray.ui.common.cases import case_of
from xray.ui.common.escaping import literal
from xray.ui.viewer import Box, viewer

NUMBER, HEIGHT = "report film", 460
HOW = (
    "Each sentence may use only what the dashboard has measured: findings that the model reports, present or "
    "absent, probabilities, places in the image and the limits. Left and right are sides of the image. "
    "Diagnoses, advice and findings that were not assessed are marked."
)


def report_practice() -> None:
    """Show a film and a field for two sentences; then marks, reasons and the template's report."""
    choice, new = st.columns([5, 1], vertical_alignment="bottom")
    number = choice.number_input("Film", 1, FILMS, 1, key=NUMBER, persist_state="session")
    new.button("New film", icon=":material/shuffle:", width="stretch", on_click=new_film)
    film, reference = loaded(int(number))
    key = f"report text:{number}"
    written = st.session_state.get(f"checked {key}", "")
    picture, controls = st.columns(2, gap="medium")
    with controls:
        st.markdown(f"**Write two sentences about this film**, for example on {FINDING.lower()}.", help=HOW)
        text = st.text_area(
            "Your sentences",
            max_chars=MAX_CHARACTERS,
            height=120,
            key=key,
            persist_state="session",
            placeholder=f"{FINDING} is present. The map is highest in the left half of the image.",
            label_visibility="collapsed",
        )
        st.button(
            "Check the sentences",
            type="primary",
            icon=":material/fact_check:",
            width="stretch",
            disabled=not text.strip(),
            on_click=st.session_state.__setitem__,
            args=(f"checked {key}", text),
        )
        st.caption(
            f"`{MODEL}` reports {', '.join(entry(MODEL).findings)}. Its answer follows your first check."
        )
    if not written:
        with picture:
            viewer(film, key="report practice", parts="picture", height=HEIGHT)
        return
    case = case_of(film, MODEL)
    with picture:
        boxes = [Box(tuple(box), kind="truth") for box in reference.boxes.tolist()]
        viewer(film, key="report practice", case=case, finding=FINDING, boxes=boxes, height=HEIGHT)
        st.caption(f"{literal(why_reference(reference))} The map is that of {FINDING}.")
    yours, ours = st.columns(2, gap="medium")
    with yours.container(border=True, height="stretch"):
        st.markdown("**Your sentences**")
        try:
            marks(checked_text(case, written))
        except InvalidRequest as error:
            st.warning(literal(str(error)), icon=":material/info:")
    with ours.container(border=True, height="stretch"):
        template(case)


@lru_cache(maxsize=4)
def loaded(number: int) -> tuple[Radiograph, Reference]:
    """The film of a number, and its reference."""
    return practice_film(number).load()


def new_film() -> None:
    """Choose another film at random."""
    st.session_state[NUMBER] = 1 + secrets.randbelow(FILMS)


def marks(checked: Report) -> None:
    """Show the student's sentences; below each, what the measured facts do not hold."""
    for sentence in checked.sentences:
        if not sentence.flags:
            st.success(literal(sentence.text), icon=":material/check:")
            continue
        reasons = "".join(f"\n- {literal(flag)}" for flag in sentence.flags)
        st.error(f"{literal(sentence.text)}\n{reasons}", icon=":material/close:")
    held = len(checked.sentences) - len(checked.flagged)
    st.caption(f"The measured facts hold {held} of {len(checked.sentences)} sentences.")


def template(case: Case) -> None:
    """Show the template's report and the facts."""
    st.markdown("**The report of the template**")
    written = report(case)
    for section in SECTIONS:
        if parts := written.section(section):
            st.markdown(f"{section.capitalize()}: " + " ".join(literal(part.text) for part in parts))
    with st.expander("The measured facts"):
        st.code("\n".join(fact.text for fact in written.facts), language=None, wrap_lines=True)
