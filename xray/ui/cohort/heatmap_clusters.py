"""Clusters of the heatmaps of a finding in a cohort, each with a few of its films (SpRAy)."""

from __future__ import annotations

import io

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from PIL import Image

from xray.cohort import Row
from xray.cohort.heatmap_clusters import MOST, SIDE, HeatmapCluster, HeatmapClusters, cluster_heatmaps
from xray.cohort.labels import truths
from xray.errors import UnusableData
from xray.geometry import Affine
from xray.render.overlay import RGB, Drawing, overlay, strength
from xray.train.targets import targets
from xray.types import Pixels
from xray.types.answer import percent
from xray.ui.cohort.session import Shown
from xray.ui.cohort.worklist import pick
from xray.ui.common.charts import AMBER, GRAY, PLAIN, laid_out
from xray.ui.common.escaping import literal
from xray.wording import counted

REACHED, ANSWERED = "At or above operating point", "All analyzed"
MEASURED = "From the eigenvalues"
AMONG, COUNT = "cohort among", "cohort kinds"  # keys of the choices
EXAMPLES, PICTURE = 5, 192
DRAWING = Drawing(threshold=0.2)


def heatmap_clusters(shown: Shown, rows: list[Row], finding: str) -> None:
    """The clusters of one finding, and the eigenvalues that determine their number."""
    if shown.job.running:
        st.info("Heatmaps are clustered when all films are done.", icon=":material/hourglass_empty:")
        return
    which, many = st.columns(2, vertical_alignment="bottom")
    with which:
        st.segmented_control(
            "Films", [REACHED, ANSWERED], default=REACHED, required=True, key=AMONG, persist_state="session"
        )
    with many:
        st.selectbox("Number of clusters", [MEASURED, 1, 2, 3, 4, 5, 6], key=COUNT, persist_state="session")
    try:
        selected, found = clustered(shown, rows, finding)
    except UnusableData as error:
        st.info(literal(str(error)), icon=":material/visibility_off:")
        return
    for number, cluster in enumerate(found.clusters, 1):
        members = [selected[member] for member in cluster.members]
        _cluster(shown, [rows[member] for member in members], cluster, number, finding)
        st.button(
            f"List the films of cluster {number}",
            icon=":material/list:",
            type="tertiary",
            key=f"list cluster {number}",
            on_click=pick,
            args=(shown, (f"cluster {number} of {finding}", members)),
        )
    _explanation(found)


def clustered(shown: Shown, rows: list[Row], finding: str) -> tuple[list[int], HeatmapClusters]:
    """Cluster the heatmaps of a finding as chosen in this view; computed once.

    Returns:
        Indices of the films in the cohort, to which the members of the clusters refer, and the clusters.

    Raises:
        UnusableData: Too few films have a map with positive evidence.
    """
    among, count = st.session_state.get(AMONG, REACHED), st.session_state.get(COUNT, MEASURED)
    key = (len(rows), finding, among, count)
    if key not in shown.clusters:
        maps = {
            number: raw
            for number, row in enumerate(rows)
            if _selected(row, finding, among) and (raw := row.evidence(finding, SIDE)) is not None
        }
        hint = "Choose all analyzed films, or another finding."
        if not maps:
            raise UnusableData(f"No film reaches the operating point of {finding}.", hint)
        try:
            found = cluster_heatmaps(np.stack([*maps.values()]), count if isinstance(count, int) else None)
        except UnusableData as error:
            raise UnusableData(str(error), hint) from error
        shown.clusters[key] = [*maps], found
    return shown.clusters[key]


def _selected(row: Row, finding: str, among: str) -> bool:
    prediction = row.prediction
    if prediction is None or row.raw_maps is None or row.duplicate_of:
        return False
    return among == ANSWERED or prediction.at_operating_point(finding)


def _cluster(shown: Shown, rows: list[Row], cluster: HeatmapCluster, number: int, finding: str) -> None:
    mean = np.mean([row.probability(finding) for row in rows])
    line = f"**Cluster {number}** · {counted(len(rows), 'film')} · mean probability {percent(float(mean))}"
    known = targets(truths(shown.labels, (row.file for row in rows)), shown.entry.findings)
    present = known[:, shown.entry.findings.index(finding)]
    if (labeled := ~np.isnan(present)).any():
        line += f" · {int(present[labeled].sum()):,} of {int(labeled.sum()):,} labeled films show it"
    st.markdown(line)
    with st.container(horizontal=True, gap="small"):
        with st.container(width=128, gap="xsmall"):
            st.image(_mean(rows, cluster), width=128, alt=f"Mean heatmap of cluster {number}")
            st.caption("Mean")
        for row in rows[:EXAMPLES]:
            with st.container(width=128, gap="xsmall"):
                st.image(_example(row, finding), width=128, alt=f"{row.file} with its heatmap")
                st.caption(literal(row.file.rpartition("/")[2]))


def _mean(rows: list[Row], cluster: HeatmapCluster) -> RGB:
    """The mean film and the mean heatmap of a cluster, both stretched to a square."""
    films = np.stack([_film(row) for row in rows[:100]])
    return _overlay(films.mean(0), cluster.mean)


def _example(row: Row, finding: str) -> RGB:
    evidence = row.evidence(finding, SIDE)
    return _overlay(_film(row), np.zeros((SIDE, SIDE), np.float32) if evidence is None else evidence)


def _film(row: Row) -> Pixels:
    if not row.thumbnail:  # of a large cohort
        return np.zeros((PICTURE, PICTURE), np.float32)
    small = Image.open(io.BytesIO(row.thumbnail)).resize((PICTURE, PICTURE), Image.Resampling.BICUBIC)
    return np.asarray(small, np.float32) / np.float32(255)


def _overlay(film: Pixels, evidence: Pixels) -> RGB:
    """A film with its heatmap, scaled to the maximum of that heatmap."""
    heat = Affine.stretch(evidence.shape, film.shape).warp(evidence, film.shape)
    return overlay(film, strength(heat, float(heat.max())), DRAWING)


def _explanation(found: HeatmapClusters) -> None:
    """The eigenvalues, and how to read the clusters."""
    number = len(found.clusters)
    with st.expander("How the number of clusters is determined, and how to read them"):
        left, right = st.columns([2, 3], gap="medium", vertical_alignment="center")
        with left:
            figure = go.Figure(
                go.Scatter(
                    x=list(range(1, len(found.eigenvalues) + 1)),
                    y=found.eigenvalues,
                    mode="markers+lines",
                    line={"color": GRAY, "width": 1, "dash": "dot"},
                    marker={"size": 8, "color": AMBER},
                    hovertemplate="eigenvalue %{x}: %{y:.2f}<extra></extra>",
                )
            )
            laid_out(figure, "Eigenvalue", "", 240)
            figure.add_vline(x=number + 0.5, line={"color": GRAY, "width": 1, "dash": "dash"})
            st.plotly_chart(figure, config=PLAIN, key="cohort eigenvalues", alt="Eigenvalues")
        right.markdown(
            "Spectral clustering: heatmaps are connected by the overlap of their positive evidence. The "
            "number of eigenvalues near 0 is the number of separate clusters, so the widest gap between "
            "neighboring eigenvalues determines it. A single cluster is a frequent result: the heatmaps "
            "change gradually, and more clusters would split them where there is no gap. Look closely at a "
            "cluster on a corner, a marker or a border: the model may use something that has nothing to do "
            "with the finding. Films are stretched to squares, and every heatmap has its own scale. "
            f"More than {MOST:,} heatmaps are subsampled evenly. "
            "[Lapuschkin et al. 2019](https://doi.org/10.1038/s41467-019-08987-4)"
        )
