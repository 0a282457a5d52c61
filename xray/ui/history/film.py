"""One film of the history: its overlay, answers and verdicts; agree or disagree; delete."""

from __future__ import annotations

import streamlit as st

from xray.evidence import CHECKS
from xray.explain import METHODS
from xray.history import query
from xray.history.query import Details
from xray.history.store import Store
from xray.ui.access import owner
from xray.ui.analyze.trust_card import BADGES
from xray.ui.common.messages import literal
from xray.ui.history.keeping import titles, zone

AGREE, DISAGREE = "Agree", "Disagree"
WORDS = {AGREE: True, DISAGREE: False, None: None}


def film_details(store: Store, number: int) -> None:
    told = query.details(store, owner(), number)
    if told is None:
        st.caption("This film is no longer stored.")
        return
    with st.container(border=True):
        what_was_said(told)
        your_word(store, told)
        st.caption("The film itself is not stored. Open it on the Analyze page to see it.")
        with st.container(horizontal=True):
            st.page_link("pages/analyze.py", label="Analyze", icon=":material/radiology:")
            if st.button("Delete", icon=":material/delete:", type="tertiary", key=f"delete film:{number}"):
                with st.spinner("Deleting …", show_time=True):
                    store.delete(owner(), [number])
                st.rerun()


def what_was_said(told: Details) -> None:
    one = told.analysis
    finding, method = told.overlay_of
    picture, facts = st.columns([2, 3], vertical_alignment="center")
    drawn = METHODS[method].title if method in METHODS else "Film"
    picture.image(told.overlay, width="stretch", alt=f"{drawn} of {finding}", caption=f"{drawn}, {finding}")
    with facts:
        st.markdown(f"**{literal(titles().get(one.model_id, one.model_id))}**")
        lines = [f"{one.at.astimezone(zone()):%-d %B %Y, %H:%M}"]
        if one.last_opened > one.at:
            lines.append(f"last opened {one.last_opened.astimezone(zone()):%-d %B %Y, %H:%M}")
        lines += [literal(one.file_name)] if one.file_name else []
        lines += [f"film {one.pixels_sha256[:12]}", f"weights {one.weights_sha256[:12]}"]
        st.caption("  \n".join(lines))
        if one.simulated:
            st.markdown(":gray-badge[simulated]")
    if not one.gate_accepted:
        st.warning(
            f"Analyzed although the input gate refused it: {literal(one.gate_reason)}",
            icon=":material/front_hand:",
        )
    st.dataframe(
        {
            "Finding": [answer[0] for answer in told.answers],
            "Probability": [100 * answer[1] for answer in told.answers],
            "Operating point": [f"{answer[2]:.2%}" for answer in told.answers],
            "Answer": [answer[3] for answer in told.answers],
        },
        hide_index=True,
        height="content" if len(told.answers) < 7 else 245,
        column_config={
            "Probability": st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100)
        },
        alt="Stored predictions",
    )
    for finding, method, check, verdict in told.verdicts:
        asked = CHECKS[check].title if check in CHECKS else check
        by = METHODS[method].title if method in METHODS else method
        st.markdown(f"{BADGES.get(verdict, verdict)} {asked} :gray[{by} of {literal(finding)}]")


def your_word(store: Store, told: Details) -> None:
    """Whether the user agrees with the answer, and why."""
    one = told.analysis
    with st.form(f"word:{one.id}", border=False):
        before = next(word for word, value in WORDS.items() if value == one.agrees)
        word = st.segmented_control(
            "Do you agree with the prediction?", [AGREE, DISAGREE], default=before, key=f"agrees:{one.id}"
        )
        comment = st.text_area(
            "Comment", told.comment, max_chars=2000, height=80, key=f"why:{one.id}", help="Stored encrypted."
        )
        if st.form_submit_button("Save", icon=":material/save:"):
            store.set_feedback(one.id, owner(), WORDS[word], comment.strip())
            st.rerun()
