"""Choosing who writes a report and what is asked; nothing is sent to a remote narrator without consent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from xray.report import NARRATORS, Access, Narrator, facts, narrator
from xray.report.narrators.prompts import MAX_LENGTH, READY, message
from xray.report.narrators.remote import picture
from xray.types import Case

NARRATOR, PROMPT, CHECKS = "report narrator", "report prompt", "report checks"


@dataclass(frozen=True)
class Wish:
    """What the user asks for. pressed: now. consent: to what a remote narrator is sent."""

    narrator: Narrator
    prompt: str
    access: Access
    checks: bool
    consent: bool
    pressed: bool


def wish(case: Case) -> Wish:
    """Narrator and prompt; beside them, of a remote narrator, its model, its key, and what is sent where."""
    with st.container(border=True):
        who, what = st.columns([5, 6], gap="medium")
    with who:
        name = st.segmented_control(
            "Narrator",
            list(NARRATORS),
            format_func=lambda name: NARRATORS[name].title,
            default=next(iter(NARRATORS)),
            required=True,
            key=NARRATOR,
            persist_state="session",
        )
        chosen = narrator(name)
        st.caption(chosen.about)
    with what:
        prompt = prompted()
        checks = st.toggle(
            f"Check the map of {case.prediction.most_likely} first",
            key=CHECKS,
            persist_state="session",
            help="About five seconds: the checks of the trust card become facts of the report.",
        )
    with who:
        access, consent = reached(chosen, case, prompt) if chosen.access else (Access(), True)
    with what:
        pressed = st.button(
            "Send and write" if chosen.remote else "Write the report",
            type="primary",
            icon=":material/send:" if chosen.remote else ":material/edit_note:",
            disabled=not consent,
            key="write report",
        )
    return Wish(chosen, prompt, access, checks, consent, pressed)


def prompted() -> str:
    """What the user asks of the report, in own words or a ready prompt's."""
    prompt = st.text_area(
        "Prompt (optional)",
        max_chars=MAX_LENGTH,
        height=96,
        placeholder="For example: check for fractures in the tibia. What the model does not report is said "
        "to be not assessed.",
        key=PROMPT,
        persist_state="session",
    )
    st.pills("Ready prompts", list(READY), key="ready prompts", on_change=fill, label_visibility="collapsed")
    return prompt


def fill() -> None:
    """Put a ready prompt into the field."""
    chosen = st.session_state.get("ready prompts")
    if chosen in READY:
        st.session_state[PROMPT] = READY[chosen]


def reached(chosen: Narrator, case: Case, prompt: str) -> tuple[Access, bool]:
    """How a remote narrator is reached, and whether the user agrees to what is sent."""
    known = chosen.access() if chosen.access else Access()
    left, right = st.columns(2)
    model = left.text_input(
        "Language model", known.model, key=f"{chosen.name}: model", persist_state="session"
    )
    key = right.text_input(
        "API key",
        type="password",
        placeholder="set on this computer" if known.key else "",
        help="Kept in memory until this browser session ends; never written to disk.",
        key=f"{chosen.name}: key",
        persist_state="session",
    )
    access = replace(
        known,
        model=model.strip() or known.model,
        key=key.strip() or known.key,
    )
    place = chosen.recipient(access).replace("`", "")
    with st.container(border=True):
        st.markdown(
            f":material/cloud_upload: **To** `{place}` go the picture, re-encoded without its name and "
            "metadata, the facts (with the checks you ask for) and the prompt, with fixed instructions; "
            "nothing else. What is written *on* the film goes with it."
        )
        with st.expander("Show what is sent"):
            st.image(picture(case.radiograph), width=200, alt="The image that is sent")
            st.code(message(facts(case, prompt), prompt), language=None, wrap_lines=True)
        agreed = f"{chosen.name}: {chosen.recipient(access)}"
        consent = st.toggle("I agree that this is sent", key=agreed, persist_state="session")
    return access, consent
