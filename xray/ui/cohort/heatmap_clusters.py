"""Kinds of heatmaps in a cohort: the strategies a model uses for a finding, each with a few of its films."""

from __future__ import annotations

import io

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from PIL import Image

from xray.cohort import Row
from xray.cohort.heatmap_clusters import MOST, SIDE, HeatmapCluster, HeatmapClusters, cluster_heatmaps
from xray.cohort.labels import targets, truths
from xray.errors import UnusableData
from xray.geometry import Affine
from xray.render.overlay import RGB, Drawing, overlay, strength
from xray.types import Pixels
from xray.ui.cohort.session import Shown, remembered
from xray.ui.common.charts import AMBER, GRAY
from xray.ui.common.text import literal
from xray.ui.models.curves import laid_out

REACHED, ANSWERED = "At or above operating point", "All answered"
MEASURED = "From the eigenvalues"
EXAMPLES, PICTURE = 5, 192
DRAWING = Drawing(threshold=0.2)


def kinds_of_maps(shown: Shown, rows: list[Row], finding: str) -> None:
    """Maps of one finding sorted into kinds, and how sure it is that there are so many."""
    if shown.job.running:
        st.info("Maps are sorted when all films are done.", icon=":material/hourglass_empty:")
        return
    which, many = st.columns(2, vertical_alignment="bottom")
    with which:
        among = remembered(
            st.segmented_control,
            "Films",
            [REACHED, ANSWERED],
            key="cohort among",
            first=REACHED,
            required=True,
        )
    with many:
        number = remembered(
            st.selectbox, "How many kinds", [MEASURED, 1, 2, 3, 4, 5, 6], key="cohort kinds", first=MEASURED
        )
    some = [row for row in rows if _taken(row, finding, among)]
    maps = [one for row in some if (one := row.evidence(finding, SIDE)) is not None]
    if not maps:
        st.info(f"No film reaches the operating point of {finding}.", icon=":material/visibility_off:")
        return
    try:
        found = cluster_heatmaps(np.stack(maps), None if number == MEASURED else number)
    except UnusableData as error:
        st.info(
            f"{literal(str(error))} Choose all answered films, or another finding.", icon=":material/info:"
        )
        return
    for place, kind in enumerate(found.clusters, 1):
        _kind(shown, [some[member] for member in kind.members], kind, place, finding)
    _explained(found)


def _taken(row: Row, finding: str, among: str) -> bool:
    said = row.prediction
    if said is None or row.raw_maps is None or row.duplicate_of:
        return False
    return among == ANSWERED or said.at_operating_point(finding)


def _kind(shown: Shown, rows: list[Row], kind: HeatmapCluster, place: int, finding: str) -> None:
    said = np.mean([row.probability(finding) for row in rows])
    films = "1 film" if len(rows) == 1 else f"{len(rows):,} films"
    told = f"**Kind {place}** · {films} · mean probability {said:.0%}"
    known = targets(truths(shown.labels, (row.file for row in rows)), shown.entry.findings)
    happened = known[:, shown.entry.findings.index(finding)]
    if (labeled := ~np.isnan(happened)).any():
        told += f" · {int(happened[labeled].sum()):,} of {int(labeled.sum()):,} labeled films show it"
    st.markdown(told)
    with st.container(horizontal=True, gap="small"):
        with st.container(width=128, gap="xsmall"):
            st.image(_mean(rows, kind), width=128, alt=f"Mean map of kind {place}")
            st.caption("mean of all")
        for row in rows[:EXAMPLES]:
            with st.container(width=128, gap="xsmall"):
                st.image(_example(row, finding), width=128, alt=f"{row.file} with its map")
                st.caption(literal(row.file.rpartition("/")[2]))


def _mean(rows: list[Row], kind: HeatmapCluster) -> RGB:
    """The mean of the kind's films under the mean of its maps, both squeezed to a square."""
    films = np.stack([_film(row) for row in rows[:100]])
    return _drawn(films.mean(0), kind.mean)


def _example(row: Row, finding: str) -> RGB:
    evidence = row.evidence(finding, SIDE)
    return _drawn(_film(row), np.zeros((SIDE, SIDE), np.float32) if evidence is None else evidence)


def _film(row: Row) -> Pixels:
    small = Image.open(io.BytesIO(row.thumbnail)).resize((PICTURE, PICTURE), Image.Resampling.BICUBIC)
    return np.asarray(small, np.float32) / np.float32(255)


def _drawn(film: Pixels, evidence: Pixels) -> RGB:
    """A film under its map, on the map's own scale."""
    heat = Affine.stretch(evidence.shape, film.shape).warp(evidence, film.shape)
    return overlay(film, strength(heat, float(heat.max())), DRAWING)


def _explained(found: HeatmapClusters) -> None:
    """The eigenvalues, and how to read the kinds."""
    number = len(found.clusters)
    with st.expander("How many kinds there are, and what to make of them"):
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
            st.plotly_chart(
                figure, config={"displayModeBar": False}, key="cohort eigenvalues", alt="Eigenvalues"
            )
        right.markdown(
            "Maps are joined to one another the more their positive evidence overlaps; as many kinds hang "
            "apart as there are eigenvalues near 0, so the widest gap between two neighbors says how many "
            "there are. One kind alone is a frequent answer: then the maps change gradually, and choosing "
            "more kinds cuts where no gap is. A kind that looks at a corner, a marker or a border is worth a "
            "second look: the model may answer for a reason that has nothing to do with the finding. Films "
            "lie under their maps squeezed to squares, and every map has its own scale. "
            f"Of more than {MOST:,} maps, every so manieth is taken. "
            "[Lapuschkin et al. 2019](https://doi.org/10.1038/s41467-019-08987-4)"
        )
