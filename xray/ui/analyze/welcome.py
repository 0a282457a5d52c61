"""The first page: a result that is shown at once, examples to open, and what each page is for."""

from __future__ import annotations

import streamlit as st

from xray.examples import Example, examples, outcomes
from xray.ui.common.escaping import literal
from xray.ui.common.verdict import verdict_line
from xray.ui.navigation import PAGES
from xray.ui.session import SAMPLE, session

LARGE, SMALL = 320, 148  # px, widths of pictures


def welcome() -> None:
    """Show an example with its result, all examples as thumbnails, and the pages; until a film is opened."""
    first = examples()[0]
    result = outcomes()[first.id]
    picture, text = st.columns([4, 7], gap="large", vertical_alignment="center")
    with picture:
        st.image(str(first.picture), width=LARGE, alt=f"{first.about} {result.statement}")
    with text:
        st.markdown(f"**An example** :gray-badge[simulated]  \n{literal(first.about)}")
        st.markdown(f"**Answer:** {literal(result.statement)}")
        if result.verdict:
            st.markdown(verdict_line(result.verdict))
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
        for page in PAGES:
            if page.purpose:
                label = f"**{page.title}** {page.purpose}"
                st.page_link(page.script, label=label, icon=page.icon, width="content")


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
        session().choice.detector = example.model
        st.switch_page(f"pages/{example.page}.py")
    session().choice.model = example.model
    st.rerun()
