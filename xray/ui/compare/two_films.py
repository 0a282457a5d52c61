"""Two films analyzed by one model, side by side, and their differences."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from xray.errors import RefusedRadiograph
from xray.models.registry import ModelEntry
from xray.types import Case, Radiograph
from xray.ui.common.cases import (
    at_chosen_points,
    case_of,
    chosen_finding,
    fallback_notice,
    refused,
)
from xray.ui.common.confidence import sentence
from xray.ui.common.escaping import literal
from xray.ui.common.messages import fragment
from xray.ui.session import session
from xray.ui.viewer import viewer


@fragment
def two_films(films: dict[str, Radiograph], model: ModelEntry) -> None:
    """Show two films side by side with the predictions of one model, and their differences."""
    if len(films) < 2:
        st.caption("Open two films: before and after, or the affected and the healthy side.")
        return
    shown = session().shown
    names = {key: films[key].name for key in films}
    first = min(list(films).index(shown), len(films) - 2)  # the shown film and the next one, in their order
    cases: list[Case] = []
    columns = st.columns(2)
    for column, side, start in zip(columns, ("Left", "Right"), (first, first + 1), strict=True):
        with column:
            chosen = st.selectbox(
                side, list(names), start, format_func=names.__getitem__, key=f"{side} film:{shown}"
            )
            try:
                cases.append(at_chosen_points(case_of(films[chosen], model.id)))
            except RefusedRadiograph as refusal:
                refused(refusal, films[chosen], model.id, side)
    if len(cases) < 2:
        return
    fallback_notice(cases[0])
    finding = chosen_finding(cases[0], "finding of two films")
    scale = max(case.explanation(finding).raw_max for case in cases)
    for number, (column, case) in enumerate(zip(columns, cases, strict=True)):
        with column:
            viewer(
                case.radiograph,
                key=f"side {number}",
                case=case,
                finding=finding,
                scale=scale,
                linked="two films",
                sync_drawing=number == 0,
                height=520,
            )
            st.caption(literal(sentence(case.prediction, finding)))
    st.markdown("**Differences**")
    table = differences(*cases)
    formats = dict.fromkeys(table.columns[1:4], st.column_config.NumberColumn(format="%.1f"))
    st.dataframe(table, hide_index=True, width="stretch", column_config=formats)


def differences(left: Case, right: Case) -> pd.DataFrame:
    """Tabulate both probabilities of every finding, their difference, and whether their intervals overlap."""
    before, after = left.prediction, right.prediction
    disjoint = [
        "yes" if low > after_high or after_low > high else "no"
        for (low, high), (after_low, after_high) in zip(before.bounds, after.bounds, strict=True)
    ]
    return pd.DataFrame(
        {
            "Finding": before.findings,
            "Left (%)": 100 * before.probabilities,
            "Right (%)": 100 * after.probabilities,
            "Right minus left (points)": 100 * (after.probabilities - before.probabilities),
            "Intervals disjoint": disjoint,
        }
    )
