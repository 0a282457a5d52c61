"""The Cohort page: progress, worklist, histogram, comparison with labels, heatmap clusters, downloads."""

from __future__ import annotations

import io
from collections.abc import Callable

import pyarrow as pa
import streamlit as st

from xray.cohort import Row
from xray.cohort.slice_table import default_finding
from xray.cohort.table import counts, overlays_zip, write_csv, write_parquet
from xray.models.registry import ModelEntry
from xray.ui.cohort.atlas import atlas_view
from xray.ui.cohort.figures import against_labels, histogram
from xray.ui.cohort.heatmap_clusters import heatmap_clusters
from xray.ui.cohort.session import Shown, close, start
from xray.ui.cohort.slices import slices_view
from xray.ui.cohort.worklist import VIEW, WORKLIST, filtered, worklist
from xray.ui.cohort.zones import zones_view
from xray.ui.common.escaping import literal
from xray.wording import counted

EVERY = 2  # seconds between refreshes of a running cohort
MOST_OVERLAYS = 200
HISTOGRAM, LABELS, CLUSTERS = "Histogram", "Against labels", "Heatmap clusters"
SLICES, ZONES, ATLAS = "Slices", "Zones", "Atlas"


def cohort(shown: Shown, model: ModelEntry) -> None:
    """Show a cohort. While it runs, a fragment refreshes the results every few seconds.

    Afterwards there is no fragment: if an event of a fragment, such as a second click on Open, arrives after
    `st.switch_page`, Streamlit empties the page that is open then.
    """
    if model.id != shown.requested:
        st.info(
            f"These results are from {literal(shown.entry.title)}.", icon=":material/info:", width="stretch"
        )
        if st.button(f"Use {literal(model.title)} instead", icon=":material/refresh:"):
            start(
                shown.title,
                list(shown.job.files),
                shown.labels,
                model.id,
                anyway=shown.anyway,
                keep=shown.keeper.enabled,
                evidence=shown.evidence,
                attributes=shown.attributes,
                embeddings=shown.embeddings,
            )
            st.rerun()
    shown.watched = shown.job.running
    if shown.watched:
        st.fragment(_refreshed, run_every=EVERY)(shown)
    else:
        _refreshed(shown)


def _refreshed(shown: Shown) -> None:
    if shown.watched and not shown.job.running:
        st.rerun()  # the whole page, without further refreshes
    rows = shown.job.rows
    _progress(shown, rows)
    if not rows:
        return
    findings = shown.entry.findings
    choice, view = st.columns([2, 5], vertical_alignment="bottom")
    with choice:
        finding = st.selectbox(
            "Finding",
            findings,
            findings.index(default_finding(findings)),
            key=f"cohort finding:{shown.entry.id}",
            persist_state="session",
        )
    with view:
        chosen = st.segmented_control(
            "View",
            [WORKLIST, HISTOGRAM, LABELS, SLICES, ZONES, CLUSTERS, ATLAS],
            default=WORKLIST,
            required=True,
            key=VIEW,
            persist_state="session",
            label_visibility="collapsed",
            wrap=True,
        )
    views: dict[str, Callable[[Shown, list[Row], str], None]] = {
        WORKLIST: worklist,
        HISTOGRAM: histogram,
        LABELS: against_labels,
        SLICES: slices_view,
        ZONES: zones_view,
        CLUSTERS: heatmap_clusters,
        ATLAS: atlas_view,
    }
    views[chosen](shown, rows, finding)
    _downloads(shown, rows, finding)


def _progress(shown: Shown, rows: list[Row]) -> None:
    job, total = shown.job, len(shown.job.files)
    if job.running:
        bar, button = st.columns([6, 1], vertical_alignment="center")
        bar.progress(len(rows) / total, f"{len(rows):,} of {counted(total, 'film')}{_left(job.seconds_left)}")
        button.button("Cancel", icon=":material/stop:", on_click=job.cancel, width="stretch")
    if job.error:
        st.error(literal(job.error), icon=":material/error:")
    if shown.keeper.error:
        st.warning(literal(shown.keeper.error), icon=":material/database_off:")
    if shown.fallback:
        st.info(literal(shown.fallback), icon=":material/alt_route:")
    found = counts((row.state, row.duplicate_of) for row in rows)
    duplicates = found.pop("duplicates")
    parts = [f"**{number:,}** {state}" for state, number in found.items()]
    parts += [f"**{duplicates:,}** {'duplicate' if duplicates == 1 else 'duplicates'}"] if duplicates else []
    missing = total - len(rows)
    parts += [f"canceled, **{missing:,}** not analyzed"] if missing and not job.running else []
    line, button = st.columns([6, 1], vertical_alignment="center")
    line.markdown(f"{literal(shown.title)} · {literal(shown.entry.title)} · " + " · ".join(parts))
    if button.button(
        "Close",
        icon=":material/close:",
        width="stretch",
        type="tertiary",
        help="Discard these films and results and open others",
    ):
        close()
        st.rerun()
    failures = {row.file: row.sentence for row in rows if row.prediction is None}
    if failures and not job.running:
        with st.expander(f"{counted(len(failures), 'file')} without a result"):
            st.dataframe(
                {"File": list(failures), "Why": list(failures.values())},
                hide_index=True,
                column_config={"Why": st.column_config.TextColumn(width="large")},
                alt="Files without a result",
            )


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f", about {seconds:.0f} s left" if seconds < 100 else f", about {seconds / 60:.0f} min left"


def _downloads(shown: Shown, rows: list[Row], finding: str) -> None:
    """The table of all rows, and overlays of the worklist; both are made on request."""

    def written(write: Callable[[pa.Table, io.BytesIO], None]) -> Callable[[], bytes]:
        def data() -> bytes:
            buffer = io.BytesIO()
            write(shown.results(rows), buffer)
            return buffer.getvalue()

        return data

    def overlays() -> bytes:
        some = [number for number in filtered(shown, rows, finding) if rows[number].raw_maps is not None]
        films = ((number + 1, shown.job.files[number], rows[number]) for number in some[:MOST_OVERLAYS])
        return overlays_zip(films, finding)

    files: tuple[tuple[str, Callable[[], bytes], str, str, str | None], ...] = (
        ("Table (CSV)", written(write_csv), "cohort.csv", "text/csv", None),
        ("Table (Parquet)", written(write_parquet), "cohort.parquet", "application/octet-stream", None),
        (
            "Overlays (ZIP)",
            overlays,
            "overlays.zip",
            "application/zip",
            f"Overlays of {literal(finding)} for the filtered worklist, at most {MOST_OVERLAYS}. "
            "For all films: python -m xray cohort FOLDER --out DIR --overlays",
        ),
    )
    with st.container(horizontal=True):
        for label, data, name, mime, hint in files:
            st.download_button(
                label, data, name, mime, on_click="ignore", icon=":material/download:", key=label, help=hint
            )
