"""The smallest change that flips the answer: a button, then one line for each kind of change."""

from __future__ import annotations

import streamlit as st

from xray.types import Case
from xray.types.answer import percent
from xray.ui.common.escaping import literal
from xray.ui.whatif.state import go_to, history_of, is_searched, search, smallest_change
from xray.whatif.changes import CHANGES
from xray.whatif.response import Flip
from xray.whatif.state import State


def flip_panel(case: Case, finding: str) -> None:
    """Search each change separately on the original film; each result can be applied."""
    st.markdown(f"**The smallest change that flips {literal(finding)}**")
    if not is_searched(case, finding):
        st.button(
            "Find it", icon=":material/search:", key="what-if find", on_click=search, args=(case, finding)
        )
        st.caption(
            "Each change is increased separately, on the original film, until the finding crosses its "
            "operating point: a dozen steps to either side, then bisection."
        )
        return
    status, found = st.empty(), list[Flip]()
    for number, (name, change) in enumerate(CHANGES.items()):
        if not is_searched(case, finding, name):
            status.progress(number / len(CHANGES), f"Searching {change.named} …")
        found.append(smallest_change(case, finding, name))
    status.empty()
    with st.container(gap="xxsmall"):
        for result in found:
            flip_line(case, result)
    unmoved = [CHANGES[result.change].named for result in found if result.value is None]
    if unmoved:
        st.markdown(f"No change in the range flips it: {', '.join(unmoved)}.")
    st.caption(f"{sum(result.passes for result in found)} passes through the network.")


def flip_line(case: Case, result: Flip) -> None:
    """Show a change that flips the answer, with a button that applies it."""
    if result.value is None:
        return
    change = CHANGES[result.change]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"{change.title} **{change.amount(result.value)}**: {percent(result.probability)} "
            f":gray[({result.passes} passes)]",
            width="content",
        )
        st.button(
            ":primary[Try]",
            type="tertiary",
            key=f"what-if try:{result.change}",
            on_click=go_to,
            args=(case, history_of(case).then(State().at(result.change, result.value))),
            help="Reset all other changes and apply this one.",
        )
