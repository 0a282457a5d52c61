"""How much the maps of a film agree: the rank correlation of each pair."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from xray.evidence.measures import coarse, rank_correlation
from xray.geometry import Affine
from xray.types import Explanation
from xray.ui.common.charts import PLAIN

CELLS = 14  # per side, on which maps are compared
COARSE_SIDE = 448  # px, longer side at which maps are averaged over the cells


def agreement(titles: Sequence[str], explanations: list[Explanation]) -> None:
    """Show the rank correlation of each pair of maps.

    Args:
        titles: Title of each map (n).
        explanations: The maps (n).
    """
    if len(explanations) < 2:
        return
    values = correlations(explanations)
    names = [
        f"{number}: {title}, {explanation.finding}"
        for number, (title, explanation) in enumerate(zip(titles, explanations, strict=True), 1)
    ]
    short = [str(number) for number in range(1, len(names) + 1)]
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=short,
            y=short,
            zmin=-1,
            zmax=1,
            colorscale="RdBu",
            text=np.round(values, 2),
            texttemplate="%{text:.2f}",
        )
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_layout(height=120 + 34 * len(names), margin={"l": 0, "r": 0, "t": 8, "b": 0})
    st.markdown(
        "**Agreement of the maps**",
        help=f"Spearman's rank correlation on a grid of {CELLS} × {CELLS} cells; 1 means identical ranks.",
    )
    described = "; ".join(
        f"{names[row]} with {short[column]}: {values[row, column]:.2f}"
        for row in range(len(names))
        for column in range(row)
    )
    st.plotly_chart(
        figure,
        config=PLAIN,
        alt=described,
        key="agreement",
        width=140 + 90 * len(names),
    )


def correlations(explanations: list[Explanation]) -> NDArray[np.float64]:
    """Return the rank correlation (n, n) of each pair of n maps of a film, drawn at a small size."""
    film = explanations[0].source_shape
    side = COARSE_SIDE / max(*film, COARSE_SIDE)
    small = max(1, round(film[0] * side)), max(1, round(film[1] * side))
    to_small = Affine.stretch(film, small)
    cells = [
        coarse(explanation.to_source.then(to_small).warp(explanation.raw_map, small), CELLS)
        for explanation in explanations
    ]
    values = np.eye(len(cells))
    for row, column in combinations(range(len(cells)), 2):
        values[row, column] = values[column, row] = rank_correlation(cells[row], cells[column], CELLS)
    return values
