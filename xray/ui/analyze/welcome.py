"""The first page: a result that is shown at once, examples to open, and what each page is for."""

from __future__ import annotations

import streamlit as st

from xray.examples import Example, Outcome, examples, outcomes
from xray.ui.common.escaping import literal
from xray.ui.common.verdict import verdict_line
from xray.ui.session import SAMPLE, session

LARGE, SMALL = 320, 148  # px, widths of pictures
PAGES = (  # of the navigation, with what they are for
    ("fractures", "Fractures", ":material/orthopedics:", "boxes around fractures"),
    ("compare", "Compare", ":material/grid_view:", "models and methods side by side"),
    ("whatif", "What if", ":material/tune:", "change a film, see the answer change"),
    ("trust", "Trust", ":material/fact_check:", "which explanation can be believed"),
    ("report", "Report", ":material/edit_note:", "sentences checked against facts"),
    ("cohort", "Cohort", ":material/stacks:", "a folder of films as a worklist"),
    ("learn", "Learn", ":material/school:", "practice reading films"),
    ("models", "Models", ":material/query_stats:", "how well each model works"),
)


def welcome() -> None:
    """Show an example with its result, all examples as thumbnails, and the pages; until a film is opened."""
    first, results = examples()[0], outcomes()
    picture, text = st.columns([4, 7], gap="large", vertical_alignment="center")
    with picture:
        st.image(str(first.picture), width=LARGE, alt=f"{first.about} {results[first.id].statement}")
    with text:
        st.markdown(f"**An example** :gray-badge[simulated]  \n{literal(first.about)}")
        show_outcome(results[first.id])
        st.caption(
            "Brighter colors mark what raised the model's answer. The verdict says whether the map can be "
            "believed: it is measured by hiding and showing what the map marks."
        )
    with st.container(horizontal=True):
        for example in examples():
            with st.container(width=SMALL, gap="xsmall"):
                st.image(str(example.thumbnail), width=SMALL, alt=example.about)
                opener(example)
    with st.container(horizontal=True, gap="medium"):
        for page, title, icon, purpose in PAGES:
            st.page_link(f"pages/{page}.py", label=f"**{title}** {purpose}", icon=icon, width="content")


def show_outcome(outcome: Outcome) -> None:
    """Show the stored answer, or the refusal, and the verdict on the map."""
    label = "Refused:" if outcome.refused else "Answer:"
    st.markdown(f"**{label}** {literal(outcome.statement)}")
    if outcome.verdict:
        st.markdown(verdict_line(outcome.verdict))


def opener(example: Example) -> None:
    """A button that opens an example on its page, with its model."""
    clicked = st.button(
        example.title, key=f"example:{example.id}", width="stretch", help=literal(example.about)
    )
    if not clicked:
        return
    with st.spinner("Computing the simulated film …"):
        session().open(f"{SAMPLE}{example.id}", example.film())
    if example.page != "analyze":
        st.switch_page(f"pages/{example.page}.py")
    st.session_state["model"] = example.model
    st.rerun()
