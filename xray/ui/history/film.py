"""One film of the history: overlay, predictions, verdicts and reports; feedback; deletion."""

from __future__ import annotations

import streamlit as st

from xray.evidence import CHECKS
from xray.explain import METHODS
from xray.history import query
from xray.history.query import Details
from xray.history.reports import open_report
from xray.history.store import Store
from xray.types.answer import percent
from xray.ui.access import owner
from xray.ui.common.checks import badge
from xray.ui.common.escaping import literal
from xray.ui.common.keeping import moment, titles
from xray.ui.common.open_in_analyze import ANALYZE, open_button
from xray.ui.report.saved import show_saved
from xray.ui.session import session

AGREE, DISAGREE = "Agree", "Disagree"
FEEDBACK = {AGREE: True, DISAGREE: False, None: None}


def film_details(store: Store, number: int) -> None:
    """Show everything that is stored of a film.

    Args:
        store: The history.
        number: Number of the film.

    Raises:
        HistoryUnavailable: If it cannot be read.
    """
    details = query.details(store, owner(), number)
    if details is None:
        st.caption("This film is no longer stored.")
        return
    with st.container(border=True):
        facts(details)
        if details.answers:
            predictions(details)
        reports(store, details)
        feedback(store, details)
        analysis = details.analysis
        opened = session().key_of(analysis.pixels_sha256)
        if opened is None:
            st.caption(
                "A film is stored only with a saved report. Open it on the Analyze page to see it again."
            )
        with st.container(horizontal=True):
            if opened is None:
                st.page_link(ANALYZE, label="Analyze", icon=":material/radiology:")
            else:
                open_button(*opened, analysis.model_id, details.overlay_of[0], name="stored film")
            delete_button(store, number)


def delete_button(store: Store, number: int) -> None:
    """Delete a film when that is confirmed. Raises HistoryUnavailable."""
    with st.popover("Delete", icon=":material/delete:", type="tertiary"):
        st.caption("Its results, comment and reports cannot be restored.")
        if st.button("Delete this film", type="primary", key=f"delete film:{number}"):
            with st.spinner("Deleting …", show_time=True):
                store.delete(owner(), [number])
            session().saved_report = None
            st.rerun()


def facts(details: Details) -> None:
    """Show the overlay, the model, the times, and the result of the input gate."""
    analysis = details.analysis
    finding, method = details.overlay_of
    picture, text = st.columns([2, 3], vertical_alignment="center")
    if details.overlay:
        shown = METHODS[method].title if method in METHODS else "Film"
        caption = f"{shown}, {literal(finding)}"
        picture.image(details.overlay, width="stretch", alt=f"{shown} of {finding}", caption=caption)
    with text:
        st.markdown(f"**{literal(titles().get(analysis.model_id, analysis.model_id))}**")
        lines = [moment(analysis.at)]
        if analysis.last_opened > analysis.at:
            lines.append(f"last opened {moment(analysis.last_opened)}")
        lines += [literal(analysis.file_name)] if analysis.file_name else []
        lines += [f"film {analysis.pixels_sha256[:12]}", f"weights {analysis.weights_sha256[:12]}"]
        st.caption("  \n".join(lines))
        if analysis.simulated:
            st.markdown(":gray-badge[simulated]")
    if not analysis.gate_accepted:
        state = "Analyzed although refused" if details.answers else "Refused by the input gate"
        st.warning(f"{state}: {literal(analysis.gate_reason)}", icon=":material/front_hand:")


def predictions(details: Details) -> None:
    """Show the answer, the predictions of the model and the verdicts of the checks."""
    if details.analysis.statement:
        st.markdown(f"**Answer:** {literal(details.analysis.statement)}")
    st.dataframe(
        {
            "Finding": [answer[0] for answer in details.answers],
            "Probability": [100 * answer[1] for answer in details.answers],
            "Operating point": [percent(answer[2]) for answer in details.answers],
            "Answer": [answer[3] for answer in details.answers],
        },
        hide_index=True,
        height="content" if len(details.answers) < 7 else 245,
        column_config={
            "Probability": st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100)
        },
        alt="Stored predictions",
    )
    for finding, method, check, verdict in details.verdicts:
        question = CHECKS[check].title if check in CHECKS else check.capitalize()
        by = METHODS[method].title if method in METHODS else method
        st.markdown(f"{badge(check, verdict)} {question} :gray[{by} of {literal(finding)}]")


def reports(store: Store, details: Details) -> None:
    """Offer the saved reports of the film; each opens on the Report page."""
    for report_id, at in details.reports:
        label = f"Report accepted {moment(at)}"
        if st.button(label, icon=":material/description:", key=f"open report:{report_id}"):
            accepted = open_report(store, owner(), report_id)
            if accepted is None:
                st.caption("This report is no longer stored.")
                return
            show_saved(accepted)
            st.switch_page("pages/report.py")


def feedback(store: Store, details: Details) -> None:
    """Ask whether the user agrees with the prediction, and for a comment."""
    analysis = details.analysis
    with st.form(f"feedback:{analysis.id}", border=False):
        before = next(name for name, value in FEEDBACK.items() if value == analysis.agrees)
        subject = "prediction" if details.answers else "refusal"
        agrees = st.segmented_control(
            f"Do you agree with the {subject}?",
            [AGREE, DISAGREE],
            default=before,
            key=f"agrees:{analysis.id}",
        )
        comment = st.text_area(
            "Comment",
            details.comment,
            max_chars=2000,
            height=80,
            key=f"comment:{analysis.id}",
            help="Stored encrypted.",
        )
        if st.form_submit_button("Save", icon=":material/save:"):
            store.set_feedback(analysis.id, owner(), FEEDBACK[agrees], comment.strip())
            st.rerun()
