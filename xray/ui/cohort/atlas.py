"""The atlas of a cohort: films by the model's embedding, colored by answer, label, error or verdict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from xray.cohort import Row
from xray.cohort.labels import truths
from xray.errors import UnusableData
from xray.train.targets import targets
from xray.types.answer import percent
from xray.types.radiograph import UNUSUAL
from xray.ui.cohort.session import Shown
from xray.ui.cohort.worklist import pick
from xray.ui.common.charts import AMBER, BLUE, GRAY, MARK, PLAIN, laid_out
from xray.ui.common.escaping import chart_text, literal

CHART = "cohort atlas chart"
ANSWER, LABEL, ERROR = "Answer", "Label", "Error"
FAMILIARITY, VERDICT = "Familiarity", "Map verdict"
COLORED = (ANSWER, LABEL, ERROR, FAMILIARITY, VERDICT)
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
}


def atlas_view(shown: Shown, rows: list[Row], finding: str) -> None:
    """A scatter plot of the films; points that are clicked or framed are listed in the worklist."""
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
    groups = np.array(groups_of(shown, films, finding, colored))
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
    figure.update_layout(dragmode="lasso", showlegend=True, legend={"orientation": "h", "y": 1.1})
    figure.update_xaxes(showticklabels=False, fixedrange=False)
    figure.update_yaxes(showticklabels=False, fixedrange=False, showgrid=False)

    def choose() -> None:
        points = st.session_state[CHART]["selection"]["points"]
        chosen = [found.numbers[drawn[one["curve_number"]][one["point_index"]]] for one in points]
        if chosen:
            name = f"{len(chosen):,} {'film' if len(chosen) == 1 else 'films'} of the atlas"
            pick(shown, (name, (int(number) for number in chosen)))

    st.plotly_chart(
        figure,
        config=PLAIN,
        key=CHART,
        on_select=choose,
        selection_mode=("points", "lasso"),
        alt=f"{len(films)} films by embedding, colored by {colored}",
    )
    st.caption(
        "Principal components of the network's last features; the axes hold "
        f"{sum(found.explained):.0%} of their variance, so films that are near here can differ in other "
        "directions. Draw around points, or click one, to list the films."
    )


def groups_of(shown: Shown, films: Sequence[Row], finding: str, colored: str) -> list[str]:
    """The group of each film (n) for a kind of color, one of COLORED."""
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
