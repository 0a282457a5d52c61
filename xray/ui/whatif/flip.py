"""The smallest change that flips the answer: a button, then a line for every kind of change."""

from __future__ import annotations

import streamlit as st

from xray.types import Case
from xray.ui.whatif.state import go_to, history_of, is_searched, search, smallest_change
from xray.whatif.changes import CHANGES
from xray.whatif.response import Flip
from xray.whatif.state import State


def flip_panel(case: Case, finding: str) -> None:
    """Each change alone on the film as it was opened; what is found can be tried."""
    st.markdown(f"**The smallest change that flips {finding}**")
    if not is_searched(case, finding):
        st.button(
            "Find it", icon=":material/search:", key="what-if find", on_click=search, args=(case, finding)
        )
        st.caption(
            "Each change alone, on the film as it was opened, is carried outward until the finding crosses "
            "its operating point: a dozen steps to either side, then halving."
        )
        return
    place, found = st.empty(), list[Flip]()
    for number, (name, change) in enumerate(CHANGES.items()):
        if not is_searched(case, finding, name):
            place.progress(number / len(CHANGES), f"Searching {change.named} …")
        found.append(smallest_change(case, finding, name))
    place.empty()
    with st.container(gap="xxsmall"):
        for one in found:
            line(case, one)
    unmoved = [CHANGES[one.change].named for one in found if one.value is None]
    if unmoved:
        st.markdown(f"No change in the range flips it: {', '.join(unmoved)}.")
    st.caption(f"{sum(one.passes for one in found)} passes through the network.")


def line(case: Case, one: Flip) -> None:
    """One change, if it flips the answer, and a button to have it."""
    if one.value is None:
        return
    change = CHANGES[one.change]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"{change.title} **{change.amount(one.value)}**: {one.probability:.1%} "
            f":gray[({one.passes} passes)]",
            width="content",
        )
        st.button(
            ":primary[Try]",
            type="tertiary",
            key=f"what-if try:{one.change}",
            on_click=go_to,
            args=(case, history_of(case).then(State().at(one.change, one.value))),
            help="Reset everything else and set this change.",
        )
