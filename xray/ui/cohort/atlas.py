"""The atlas of a cohort: films by the model's embedding, colored by what is known of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.colors import qualitative

from xray.cohort import Row
from xray.cohort.labels import truths
from xray.errors import UnusableData
from xray.train.targets import targets
from xray.types.answer import percent
from xray.types.radiograph import UNUSUAL
from xray.ui.cohort.heatmap_clusters import clustered
from xray.ui.cohort.session import Shown
from xray.ui.cohort.worklist import films_menu, pick
from xray.ui.common.charts import ABOVE, AMBER, BLUE, GRAY, MARK, PLAIN, laid_out
from xray.ui.common.escaping import chart_text, literal
from xray.wording import counted

CHART = "cohort atlas chart"
ANSWER, LABEL, ERROR = "Answer", "Label", "Error"
FAMILIARITY, VERDICT, CLUSTER = "Familiarity", "Map verdict", "Heatmap cluster"
COLORED = (ANSWER, LABEL, ERROR, FAMILIARITY, VERDICT, CLUSTER)
MOST, SIDE = 24, 96  # thumbnails of selected films, and their width in px
COLORS = {
    "present": AMBER,
    "with finding": AMBER,
    "wrong": AMBER,
    "not supported": AMBER,
    "unusual": AMBER,
    "absent": BLUE,
    "without finding": BLUE,
    "right": BLUE,
    "supported": BLUE,
    "familiar": BLUE,
    "cannot tell": MARK,
} | {f"cluster {number}": color for number, color in enumerate(qualitative.Safe, 1)}


def atlas_view(shown: Shown, rows: list[Row], finding: str) -> None:
    """A scatter plot of the films; those that are clicked or framed are shown below."""
    if not shown.embeddings:
        st.info("Choose **Embed for the atlas** before the analysis.", icon=":material/info:")
        return
    if shown.job.running:
        st.info("The atlas is drawn when all films are done.", icon=":material/hourglass_empty:")
        return
    try:
        found = shown.atlas(rows)
    except UnusableData as error:
        st.info(literal(str(error)), icon=":material/info:")
        return
    colored = st.segmented_control(
        "Color", COLORED, default=ANSWER, required=True, key="cohort atlas color", persist_state="session"
    )
    films = [rows[number] for number in found.numbers]
    groups = np.array(
        clusters_of(shown, rows, found.numbers.tolist(), finding)
        if colored == CLUSTER
        else groups_of(shown, films, finding, colored)
    )
    figure, drawn = go.Figure(), []
    for name in dict.fromkeys([*(one for one in COLORS if one in groups), *sorted(groups)]):
        members = np.flatnonzero(groups == name)
        drawn.append(members)
        figure.add_scattergl(
            x=found.places[members, 0].tolist(),
            y=found.places[members, 1].tolist(),
            mode="markers",
            name=f"{name} ({len(members):,})",
            marker={"size": 7, "opacity": 0.8, "color": COLORS.get(name, GRAY)},
            customdata=[
                f"{chart_text(films[at].file)}<br>{percent(films[at].probability(finding))}" for at in members
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    first, second = (f"Direction {at}, {share:.0%}" for at, share in enumerate(found.explained, 1))
    laid_out(figure, first, second, 520)
    figure.update_layout(dragmode="lasso", showlegend=True, legend=ABOVE)
    figure.update_xaxes(showticklabels=False, fixedrange=False)
    figure.update_yaxes(showticklabels=False, fixedrange=False, showgrid=False)

    event = st.plotly_chart(
        figure,
        config=PLAIN,
        key=f"{CHART}:{finding}:{colored}",  # a selection names points by group
        on_select="rerun",
        selection_mode=("points", "lasso"),
        alt=f"{len(films)} films by embedding, colored by {colored}",
    )
    films_menu(
        shown,
        CHART,
        [trace.name for trace in figure.data],
        lambda number: (f"{colored}: {figure.data[number].name}", found.numbers[drawn[number]].tolist()),
    )
    framed = [drawn[one["curve_number"]][one["point_index"]] for one in event.selection.points]
    _selected(shown, rows, found.numbers[framed].tolist() if framed else [])
    st.caption(
        "Principal components of the network's last features; the axes hold "
        f"{sum(found.explained):.0%} of their variance, so films that are near here can differ in other "
        "directions. Draw around points, or click one, to see the films; the menu lists those of a color."
    )


def _selected(shown: Shown, rows: list[Row], numbers: list[int]) -> None:
    """Thumbnails of the selected films, and a button that lists them in the worklist."""
    if not numbers:
        return
    st.button(
        f"List {counted(len(numbers), 'film')} in the worklist",
        icon=":material/list:",
        key="cohort atlas list",
        on_click=pick,
        args=(shown, (f"{counted(len(numbers), 'film')} of the atlas", numbers)),
    )
    with st.container(horizontal=True, gap="small", key="cohort atlas films"):
        for row in [rows[number] for number in numbers[:MOST]]:
            with st.container(width=SIDE, gap="xsmall"):
                if row.thumbnail:  # a large cohort keeps not all
                    st.image(row.thumbnail, width=SIDE, alt=row.file)
                st.caption(literal(row.file.rpartition("/")[2]))
    if len(numbers) > MOST:
        st.caption(f"The first {MOST} of {len(numbers):,} films.")


def clusters_of(shown: Shown, rows: list[Row], numbers: Sequence[int], finding: str) -> list[str]:
    """The heatmap cluster of each film (n), as chosen in the view of the clusters."""
    try:
        selected, found = clustered(shown, rows, finding)
    except UnusableData as error:
        st.info(literal(str(error)), icon=":material/visibility_off:")
        return ["no cluster"] * len(numbers)
    names = {
        selected[member]: f"cluster {at}"
        for at, one in enumerate(found.clusters, 1)
        for member in one.members
    }
    return [names.get(number, "no cluster") for number in numbers]


def groups_of(shown: Shown, films: Sequence[Row], finding: str, colored: str) -> list[str]:
    """The group of each film (n) for a kind of color that needs no heatmaps, one of COLORED."""
    if colored == ANSWER:
        return [film.prediction.answer(finding) if film.prediction else "unknown" for film in films]
    if colored == FAMILIARITY:
        shares = [film.gate.familiarity if film.gate else None for film in films]
        return ["unknown" if one is None else "familiar" if one >= UNUSUAL else "unusual" for one in shares]
    if colored == VERDICT:
        return [film.map_verdict.support if film.map_verdict else "not checked" for film in films]
    known = targets(truths(shown.labels, (film.file for film in films)), shown.entry.findings)
    labels = known[:, shown.entry.findings.index(finding)]
    if colored == LABEL:
        names = {1.0: "with finding", 0.0: "without finding"}
        return [names.get(label, "no label") for label in labels.tolist()]
    return [
        "no label"
        if np.isnan(label) or not film.prediction
        else "right"
        if film.prediction.at_operating_point(finding) == (label == 1)
        else "wrong"
        for film, label in zip(films, labels.tolist(), strict=True)
    ]
