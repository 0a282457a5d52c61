"""The share of a map's evidence in each zone of the lungs."""

from __future__ import annotations

import streamlit as st

from xray.types import BETWEEN, ELSEWHERE, Case
from xray.ui.common.escaping import literal

ROWS = ("upper", "middle", "lower")


def zone_table(case: Case, finding: str) -> None:
    """Show the shares of a finding's map as a table, or why the lungs are undetermined."""
    if case.lungs is None:
        return
    if not case.lungs.determined:
        st.caption(f"Lungs undetermined: {literal(case.lungs.problem)}")
        return
    shares = case.lungs.region_shares(case.explanation(finding))
    if not shares:
        return
    outside = shares[BETWEEN] + shares[ELSEWHERE]
    with st.expander(f"Evidence by lung zone · {outside:.0%} outside the lungs"):
        st.table(
            {
                "Zone": [row.capitalize() for row in ROWS],
                "Right lung": [f"{shares[f'right {row}']:.0%}" for row in ROWS],
                "Left lung": [f"{shares[f'left {row}']:.0%}" for row in ROWS],
            }
        )
        st.markdown(f"Heart and mediastinum: {shares[BETWEEN]:.0%} · elsewhere: {shares[ELSEWHERE]:.0%}")
        st.caption(
            "Share of the map's positive values. A zone is a third of the height of a lung; the right lung "
            "is the one on the left of the image. Heart and mediastinum are what lies between the lungs. "
            "Press L on the film to see the outline of the lungs."
        )
