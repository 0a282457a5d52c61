"""Choice of narrator and prompt; nothing is sent to a remote narrator without consent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from xray.report import NARRATORS, Access, Narrator, facts, narrator
from xray.report.narrators.prompts import MAX_LENGTH, READY, message
from xray.report.narrators.remote import picture
from xray.types import Case
from xray.ui.common.escaping import literal

NARRATOR, PROMPT, CHECKS = "report narrator", "report prompt", "report checks"


@dataclass(frozen=True)
class NarratorChoice:
    """How a report is to be written.

    Attributes:
        narrator: The narrator.
        prompt: The user's prompt.
        access: How a remote narrator is reached.
        checks: Whether to check the map of the finding of the answer first.
        consent: Whether the user agrees to what a remote narrator receives.
        pressed: Whether the user started the report now.
    """

    narrator: Narrator
    prompt: str
    access: Access
    checks: bool
    consent: bool
    pressed: bool


def chosen_narrator(case: Case) -> NarratorChoice:
    """Show narrator and prompt and, for a remote narrator, its model, its key, and what is sent where."""
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
    prompt = prompt_field()
    checks = st.toggle(
        f"Check the map of {literal(case.answer.finding)} first",
        key=CHECKS,
        persist_state="session",
        help="Takes about five seconds. The checks of the trust card become facts of the report.",
    )
    access, consent = remote_access(chosen, case, prompt) if chosen.access else (Access(), True)
    pressed = st.button(
        "Send and write" if chosen.remote else "Write the report",
        type="primary",
        icon=":material/send:" if chosen.remote else ":material/edit_note:",
        disabled=not consent,
        key="write report",
    )
    return NarratorChoice(chosen, prompt, access, checks, consent, pressed)


def prompt_field() -> str:
    """Show the prompt and the ready prompts, and return the prompt."""
    prompt = st.text_area(
        "Prompt (optional)",
        max_chars=MAX_LENGTH,
        height=96,
        placeholder="For example: check for fractures in the tibia. Findings that the model does not report "
        "are listed as not assessed.",
        key=PROMPT,
        persist_state="session",
    )
    st.pills("Ready prompts", list(READY), key="ready prompts", on_change=fill, label_visibility="collapsed")
    return prompt


def fill() -> None:
    """Copy the selected ready prompt to the field."""
    chosen = st.session_state.get("ready prompts")
    if chosen in READY:
        st.session_state[PROMPT] = READY[chosen]


def remote_access(chosen: Narrator, case: Case, prompt: str) -> tuple[Access, bool]:
    """Show how a remote narrator is reached and what is sent; return the access and the user's consent."""
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
            f":material/cloud_upload: `{place}` receives the picture (re-encoded, without its name and "
            "metadata), the facts (with the checks that you request), the prompt and fixed instructions; "
            "nothing else. Text *on* the film is part of the picture."
        )
        with st.expander("Show what is sent"):
            st.image(picture(case.radiograph), width=200, alt="The image that is sent")
            st.code(message(facts(case, prompt), prompt), language=None, wrap_lines=True)
        recipient = f"{chosen.name}: {chosen.recipient(access)}"
        consent = st.toggle("I agree that this is sent", key=recipient, persist_state="session")
    return access, consent
