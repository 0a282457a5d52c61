"""The Report page: a film, who writes of it, the text as it comes, and for every sentence its place."""

from __future__ import annotations

import streamlit as st

from xray.models.detector import chosen as chosen_boxes
from xray.report import Fact, Report, Sentence, report
from xray.report.text import counted, editable, edited
from xray.types import Case, Check
from xray.ui.analyze.trust_card import checked
from xray.ui.analyze.view import case_notices, film_facts
from xray.ui.common.messages import literal
from xray.ui.report.drafts import Desk, desk_of
from xray.ui.report.exports import exports
from xray.ui.report.narrator_choice import Wish, wish
from xray.ui.report.text import report_text
from xray.ui.viewer import Box, viewer

METHOD = "gradcam"
HEIGHT = 560  # of text beside the film, in pixels


@st.fragment
def reporting(case: Case) -> None:
    """Film and text side by side; choosing a sentence reruns this alone."""
    desk = desk_of(case)
    case_notices(case)
    asked = wish(case)
    picture, text = st.columns([5, 6], gap="medium")
    with text:
        with st.container():  # always there, so that what follows keeps its place
            if asked.pressed:
                write(case, asked, desk)
        if desk.report is None:
            st.caption("There is no report yet. The template works offline and needs no key.")
        else:
            draft(case, desk, desk.report)
    with picture:
        shown(case, desk)


def write(case: Case, asked: Wish, desk: Desk) -> None:
    """Have the report written; sentences are shown as they come."""
    place, lines = st.empty(), list[str]()

    def tell(sentence: Sentence) -> None:
        lines.append(literal(sentence.text) + "".join(f" :red[({literal(flag)})]" for flag in sentence.flags))
        place.markdown("\n\n".join(lines))

    finding = case.prediction.most_likely
    done: tuple[Check, ...] = tuple(checked(case, case.explanation(finding), ())) if asked.checks else ()
    with st.spinner(f"{asked.narrator.title} writes …", show_time=True):
        told = report(
            case,
            asked.narrator.name,
            asked.prompt,
            checks=done,
            checked=finding,
            access=asked.access,
            consent=asked.consent,
            on_sentence=tell,
        )
    desk.add(told)
    place.empty()


def draft(case: Case, desk: Desk, told: Report) -> None:
    """The draft shown: its text, or the field to edit it; then what can be done with it."""
    if told.problem:
        st.warning(literal(told.problem), icon=":material/cloud_off:")
    drafts(desk)
    if desk.editing:
        editor(desk, told)
        return
    badge = " :green-badge[:material/check: accepted]" if told.accepted else ""
    st.caption(f"{counted(told)} Select a sentence to see its location on the film.{badge}")
    with st.container(height=HEIGHT, border=True):
        report_text(told, f"{desk.shown}", desk.chosen, desk.choose, key=f"report text {desk.shown}")
    with st.container(horizontal=True):
        st.button("Edit", icon=":material/edit:", on_click=desk.edit, args=(True,), key="edit report")
        st.button(
            "Accept",
            icon=":material/check:",
            on_click=desk.accept,
            disabled=told.accepted,
            key="accept report",
            help="Marked sentences remain marked in every file." if told.flagged else None,
        )
    exports(case, told)


def drafts(desk: Desk) -> None:
    """The drafts of this film and model, the newest last."""
    if len(desk.drafts) < 2:
        return

    def show() -> None:
        desk.show(st.session_state["draft shown"])

    st.session_state["draft shown"] = desk.shown
    st.selectbox(
        "Draft",
        range(len(desk.drafts)),
        format_func=desk.title,
        key="draft shown",
        on_change=show,
        label_visibility="collapsed",
    )


def editor(desk: Desk, told: Report) -> None:
    """The text with the facts each sentence cites, as numbers in brackets; kept as a new draft."""
    key = f"edit {desk.shown}"

    def keep() -> None:
        desk.add(edited(told, st.session_state[key]))

    st.text_area("Report, one sentence per line", editable(told), height=HEIGHT, key=key)
    st.caption("Numbers in brackets are the cited facts. Every sentence is checked again.")
    with st.container(horizontal=True):
        st.button("Save changes", type="primary", on_click=keep, key="keep edit")
        st.button("Discard", on_click=desk.edit, args=(False,), key="discard edit")
    with st.expander("The facts"):
        listed = "\n".join(f"{fact.number}. {fact.text}" for fact in told.facts)
        st.code(listed, language=None, wrap_lines=True)


def shown(case: Case, desk: Desk) -> None:
    """The film with what the chosen sentence speaks of: its finding's map, or its box; below, its facts."""
    told = desk.report
    sentence = told.sentences[desk.chosen] if told and 0 <= desk.chosen < len(told.sentences) else None
    cited = [fact for fact in told.facts if fact.number in sentence.cites] if told and sentence else []
    mapped = {one.finding for one in case.explanations}
    findings = [fact.finding for fact in cited if fact.finding in mapped]
    finding = findings[0] if findings else "" if sentence else case.prediction.most_likely
    over = f" with the map for {finding}, on its own scale" if finding else ""
    st.markdown(f"**Radiograph{over}**" + (" :gray-badge[simulated]" if case.radiograph.simulated else ""))
    viewer(
        case.radiograph,
        key="report",
        case=case if finding in mapped else None,
        finding=finding,
        boxes=boxes_of(case, cited),
        scale=own_scale(case, finding),
        sync_drawing=False,
    )
    st.caption(film_facts(case.radiograph))
    for fact in cited:
        st.markdown(f":gray-badge[{fact.number}] {literal(fact.text)}")


def own_scale(case: Case, finding: str) -> float | None:
    """The highest value of the map shown: beside its sentence it is looked at alone."""
    own = next((one.raw_max for one in case.explanations if one.finding == finding), 0.0)
    return own if own > 0 else None


def boxes_of(case: Case, cited: list[Fact]) -> list[Box] | None:
    """The boxes of a detector; those that the chosen sentence cites strong, or all where it cites none."""
    if case.detections is None:
        return None
    pointed = [fact.box for fact in cited if fact.box]
    found = chosen_boxes(case.detections, case.detections.threshold).xyxy.tolist()
    return [
        Box(box, f"{number}", "found" if not pointed or tuple(box) in pointed else "near")
        for number, box in enumerate(found, 1)
    ]
