"""The mean share of a finding's evidence by lung zone over a cohort, by label."""

from __future__ import annotations

from dataclasses import astuple

import plotly.graph_objects as go
import streamlit as st

from xray.cohort import Row
from xray.cohort.zones import UNKNOWN, WITH, WITHOUT, largest_zone, zone_means
from xray.types import REGIONS
from xray.types.answer import percent
from xray.ui.cohort.session import Shown
from xray.ui.cohort.worklist import films_menu, pick
from xray.ui.common.charts import ABOVE, AMBER, BLUE, GRAY, MARK, PLAIN, clicked_point, laid_out, whiskers
from xray.ui.common.escaping import chart_text, literal

CHART = "cohort zones chart"
COLORS = {WITH: AMBER, WITHOUT: BLUE, UNKNOWN: GRAY}
HEIGHT, LINE = 220, 20  # px, of the chart without bars and of a bar
NAMES = {"between the lungs": "heart, mediastinum"}


def zones_view(shown: Shown, rows: list[Row], finding: str) -> None:
    """One group of bars per region; a click lists the films with most of their evidence there."""
    if shown.job.running:
        st.info("Zones are averaged when all films are done.", icon=":material/hourglass_empty:")
        return
    means = zone_means(rows, shown.labels, finding)
    if not means:
        st.info(
            f"No map of {literal(finding)} has positive evidence on a film whose lungs are determined.",
            icon=":material/visibility_off:",
        )
        return
    figure = go.Figure()
    for label, (count, found) in means.items():
        figure.add_bar(
            y=[chart_text(NAMES.get(region, region)) for region in REGIONS],
            x=[share.value for share in found],
            orientation="h",
            name=f"{label} ({count:,})",
            marker={"color": COLORS[label]},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            error_x=whiskers(map(astuple, found), MARK, thickness=1.2, width=0),
            customdata=[f"{percent(share.low)} to {percent(share.high)}" for share in found],
            hovertemplate="%{y}: %{x:.1%} (%{customdata})<br>" + label + "<extra></extra>",
        )
    laid_out(figure, "Mean share of the evidence", "", HEIGHT + LINE * len(REGIONS) * len(means))
    figure.update_layout(barmode="group", showlegend=True, legend=ABOVE)
    highest = max(share.high for _, found in means.values() for share in found)
    figure.update_xaxes(tickformat=".0%", range=[0, 1.04 * highest])
    figure.update_yaxes(autorange="reversed", automargin=True, title=None, showgrid=False)

    def films_of(number: int) -> tuple[str, list[int]]:
        region = REGIONS[number]
        name = f"{finding}: most evidence {NAMES.get(region, region)}"
        return name, largest_zone(rows, finding, region)

    def choose() -> None:
        if point := clicked_point(CHART):
            pick(shown, films_of(point["point_index"]))

    st.plotly_chart(
        figure,
        config=PLAIN,
        key=CHART,
        on_select=choose,
        selection_mode="points",
        alt=f"Mean share of the evidence for {finding} in {len(REGIONS)} regions",
    )
    films_menu(shown, CHART, [NAMES.get(region, region) for region in REGIONS], films_of)
    used = sum(count for count, _ in means.values())
    st.caption(
        f"Positive values of the map; {used:,} films with evidence for {literal(finding)} and determined "
        "lungs. Lines: 95% intervals over patients. A zone is a third of the height of a lung; the right "
        "lung is on the left of the image. Heart and mediastinum are what lies between the lungs. A coarse "
        "map spreads over borders. Click a bar, or choose it in the menu, to list the films with most of "
        "their evidence there."
    )
