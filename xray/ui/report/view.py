"""The Report page: the film, the narrator, the drafts, and the location of each sentence on the film."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from xray.errors import HistoryUnavailable
from xray.models.detector import chosen as chosen_boxes
from xray.report import Fact, Report, Sentence, report
from xray.report.text import editable, edited, sentence_counts
from xray.types import Case, Check
from xray.ui.common.cases import case_notices, linked_finding
from xray.ui.common.checks import checked
from xray.ui.common.escaping import literal
from xray.ui.common.films import film_facts
from xray.ui.common.keeping import is_keeping, is_offered, keep_report
from xray.ui.common.links import link_button
from xray.ui.common.messages import fragment
from xray.ui.report.drafts import Desk, desk_of
from xray.ui.report.exports import checks_done, exports
from xray.ui.report.narrator_choice import NarratorChoice, chosen_narrator
from xray.ui.report.text import report_text
from xray.ui.viewer import Box, viewer
from xray.wording import counted

METHOD = "gradcam"
HEIGHT = 420  # px, of the text beside the film


@fragment
def reporting(case: Case) -> None:
    """Show film and text side by side; selecting a sentence reruns only this fragment.

    Args:
        case: The Case to report on.
    """
    desk = desk_of(case)
    case_notices(case)
    picture, text = st.columns(2, gap="medium")
    with text:
        with st.expander(
            "Write another draft" if desk.report else "Write a report", expanded=not desk.report
        ):
            requested = chosen_narrator(case)
        if requested.pressed:
            write(case, requested, desk)
            st.rerun()  # the form closes
        if desk.report:
            draft(case, desk, desk.report)
    with picture:
        film_with_map(case, desk)


def write(case: Case, requested: NarratorChoice, desk: Desk) -> None:
    """Write a report and add it to the drafts; each sentence is shown as soon as it is checked."""
    place, lines = st.empty(), list[str]()

    def show_sentence(sentence: Sentence) -> None:
        lines.append(literal(sentence.text) + "".join(f" :red[({literal(flag)})]" for flag in sentence.flags))
        place.markdown("\n\n".join(lines))

    finding = case.answer.finding
    done: tuple[Check, ...] = tuple(checked(case, case.explanation(finding), ())) if requested.checks else ()
    with st.spinner(f"Writing with {requested.narrator.title} …", show_time=True):
        written = report(
            case,
            requested.narrator.name,
            requested.prompt,
            checks=done,
            checked=finding,
            access=requested.access,
            consent=requested.consent,
            on_sentence=show_sentence,
        )
    desk.add(written)
    place.empty()


def draft(case: Case, desk: Desk, report: Report) -> None:
    """Show a draft, or the field to edit it, then the actions and downloads."""
    if report.problem:
        st.warning(literal(report.problem), icon=":material/cloud_off:")
    drafts(desk)
    if desk.editing:
        editor(desk, report)
        return
    sentences(desk, report)
    checks = checks_done(case)
    with st.container(horizontal=True):
        st.button("Edit", icon=":material/edit:", on_click=desk.edit, args=(True,), key="edit report")
        accept_button(desk, report)
        if is_offered():
            save_button(case, desk, report, checks)
    exports(case, report, checks)


def accept_button(desk: Desk, report: Report) -> None:
    """Accept a report; one with marked sentences only after a second confirmation. The marks stay."""
    if report.accepted or not report.flagged:
        st.button(
            "Accept",
            icon=":material/check:",
            on_click=desk.accept,
            disabled=report.accepted,
            key="accept report",
        )
        return
    count = len(report.flagged)
    marked = counted(count, "sentence is", "sentences are")
    with st.popover("Accept", icon=":material/check:"):
        st.markdown(f"{marked} not supported by the measured facts. The marks stay in every file.")
        st.button("Accept with marks", on_click=desk.accept, key="accept report")


def sentences(desk: Desk, report: Report) -> None:
    """Show the sentences of a report; they can be selected."""
    badge = " :green-badge[:material/check: accepted]" if report.accepted else ""
    st.caption(f"{sentence_counts(report)} Select a sentence to see its location on the film.{badge}")
    with st.container(height=HEIGHT, border=True):
        report_text(report, f"{desk.shown}", desk.chosen, desk.choose, key=f"report text {desk.shown}")


def save_button(case: Case, desk: Desk, report: Report, checks: Sequence[Check]) -> None:
    """Offer to save an accepted report in the history."""
    if not is_keeping():
        hint = "Turn on **Keep results on this computer** in the sidebar first."
    elif not report.accepted:
        hint = "Accept the report first."
    else:
        hint = (
            "Stores the report with the film, its predictions, maps and checks in the history, encrypted. "
            "Text on the film is stored, too. Open it again on the History page."
        )
    saved = desk.shown in desk.saved

    def save() -> None:
        try:
            keep_report(case, report, checks)
        except HistoryUnavailable as error:
            desk.save_error = str(error)
        else:
            desk.save_error = ""
            desk.saved.add(desk.shown)

    st.button(
        "Saved" if saved else "Save in the history",
        icon=":material/history:",
        disabled=saved or not (is_keeping() and report.accepted),
        help=hint,
        on_click=save,
        key="save report",
    )
    if desk.save_error:
        st.error(literal(desk.save_error), icon=":material/error:")


def drafts(desk: Desk) -> None:
    """Show a menu of the drafts of this film and model, the newest last."""
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


def editor(desk: Desk, report: Report) -> None:
    """Show the text with the numbers of the cited facts in brackets; changes are saved as a new draft."""
    key = f"edit {desk.shown}"

    def save() -> None:
        desk.add(edited(report, st.session_state[key]))

    st.text_area("Report, one sentence per line", editable(report), height=HEIGHT, key=key)
    st.caption("Numbers in brackets are the cited facts. Every sentence is checked again.")
    with st.container(horizontal=True):
        st.button("Save changes", type="primary", on_click=save, key="keep edit")
        st.button("Discard", on_click=desk.edit, args=(False,), key="discard edit")
    with st.expander("The facts"):
        facts = "\n".join(f"{fact.number}. {fact.text}" for fact in report.facts)
        st.code(facts, language=None, wrap_lines=True)


def film_with_map(case: Case, desk: Desk) -> None:
    """Show the film with the map or the boxes of the selected sentence, and the facts that it cites."""
    report = desk.report
    sentence = report.sentences[desk.chosen] if report and 0 <= desk.chosen < len(report.sentences) else None
    cited = [fact for fact in report.facts if fact.number in sentence.cites] if report and sentence else []
    mapped = {explanation.finding for explanation in case.explanations}
    findings = [fact.finding for fact in cited if fact.finding in mapped]
    finding = findings[0] if findings else "" if sentence else linked_finding(case)
    suffix = f" with the map for {literal(finding)}, on its own scale" if finding else ""
    st.markdown(f"**Radiograph{suffix}**" + (" :gray-badge[simulated]" if case.radiograph.simulated else ""))
    viewer(
        case.radiograph,
        key="report",
        case=case if finding in mapped else None,
        finding=finding,
        boxes=boxes_of(case, cited),
        scale=highest_value(case, finding),
        height=None,
    )
    st.caption(film_facts(case.radiograph))
    link_button()
    for fact in cited:
        st.markdown(f":gray-badge[{fact.number}] {literal(fact.text)}")


def highest_value(case: Case, finding: str) -> float | None:
    """The highest value of a finding's map, which scales the map alone; None if it is not positive."""
    highest = next((item.raw_max for item in case.explanations if item.finding == finding), 0.0)
    return highest if highest > 0 else None


def boxes_of(case: Case, cited: list[Fact]) -> list[Box] | None:
    """The boxes of a detector; those that the selected sentence cites are emphasized, by default all."""
    if case.detections is None:
        return None
    cited_boxes = [fact.box for fact in cited if fact.box]
    found = chosen_boxes(case.detections, case.detections.threshold).xyxy.tolist()
    return [
        Box(box, f"{number}", "found" if not cited_boxes or tuple(box) in cited_boxes else "near")
        for number, box in enumerate(found, 1)
    ]
