"""A cohort on the page: progress, then a worklist, histograms, curves against labels, kinds of heatmaps."""

from __future__ import annotations

import io
from collections.abc import Callable

import pyarrow as pa
import streamlit as st

from xray.cohort import Row
from xray.cohort.table import counts, overlays_zip, table, write_csv, write_parquet
from xray.models.registry import ModelEntry
from xray.ui.cohort.figures import against_labels, histogram
from xray.ui.cohort.heatmap_clusters import kinds_of_maps
from xray.ui.cohort.session import Shown, close, remembered, start
from xray.ui.cohort.worklist import filtered, worklist
from xray.ui.common.text import literal

EVERY = 2  # seconds between looks at a running cohort
MOST_OVERLAYS = 200
WORKLIST, HISTOGRAM, LABELS, KINDS = "Worklist", "Histogram", "Against labels", "Kinds of maps"


def cohort(shown: Shown, model: ModelEntry) -> None:
    """Everything of a cohort; while it runs, looked at again and again, and never waited for."""
    if model.id != shown.asked:
        st.info(f"These answers are those of {shown.entry.title}.", icon=":material/info:", width="stretch")
        if st.button(f"Ask {model.title} instead", icon=":material/refresh:"):
            start(shown.title, list(shown.job.files), shown.labels, model.id, anyway=shown.anyway)
            st.rerun()
    shown.watched = shown.job.running
    st.fragment(_looked_at, run_every=EVERY if shown.watched else None)(shown)


def _looked_at(shown: Shown) -> None:
    if shown.watched and not shown.job.running:
        st.rerun()  # as a whole, without looking again
    rows = shown.job.rows
    _progress(shown, rows)
    if not rows:
        return
    said = shown.entry.findings
    choice, view = st.columns([2, 5], vertical_alignment="bottom")
    with choice:
        finding = remembered(
            st.selectbox, "Finding", said, key=f"cohort finding:{shown.entry.id}", first=_first(shown.entry)
        )
    with view:
        chosen = remembered(
            st.segmented_control,
            "View",
            [WORKLIST, HISTOGRAM, LABELS, KINDS],
            key="cohort view",
            first=WORKLIST,
            required=True,
            label_visibility="collapsed",
        )
    views: dict[str, Callable[[Shown, list[Row], str], None]] = {
        WORKLIST: worklist,
        HISTOGRAM: histogram,
        LABELS: against_labels,
        KINDS: kinds_of_maps,
    }
    views[chosen](shown, rows, finding)
    _downloads(shown, rows, finding)


def _first(entry: ModelEntry) -> str:
    """The finding looked at first: of two that exclude each other, the one that is not normal."""
    return entry.findings[-1] if len(entry.findings) == 2 else entry.findings[0]


def _progress(shown: Shown, rows: list[Row]) -> None:
    job, total = shown.job, len(shown.job.files)
    if job.running:
        bar, button = st.columns([6, 1], vertical_alignment="center")
        bar.progress(len(rows) / total, f"{len(rows):,} of {total:,} films{_left(job.seconds_left)}")
        button.button("Cancel", icon=":material/stop:", on_click=job.cancel, width="stretch")
    if job.error:
        st.error(literal(job.error), icon=":material/error:")
    if shown.fallback:
        st.info(literal(shown.fallback), icon=":material/alt_route:")
    found = counts((row.state, row.duplicate_of) for row in rows)
    twice = found.pop("duplicates")
    told = [f"**{number:,}** {state}" for state, number in found.items()]
    told += [f"**{twice:,}** there twice"] if twice else []
    missing = total - len(rows)
    told += [f"cancelled, **{missing:,}** not looked at"] if missing and not job.running else []
    line, button = st.columns([6, 1], vertical_alignment="center")
    line.markdown(f"{literal(shown.title)} · {shown.entry.title} · " + " · ".join(told))
    if button.button(
        "Close",
        icon=":material/close:",
        width="stretch",
        type="tertiary",
        help="Forget these films and answers, and begin with others",
    ):
        close()
        st.rerun()
    failures = {row.file: row.sentence for row in rows if row.prediction is None}
    if failures and not job.running:
        with st.expander(f"{len(failures):,} without an answer, and why"):
            st.dataframe(
                {"File": list(failures), "Why": list(failures.values())},
                hide_index=True,
                column_config={"Why": st.column_config.TextColumn(width="large")},
                alt="Files without an answer",
            )


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f", about {seconds:.0f} s left" if seconds < 100 else f", about {seconds / 60:.0f} min left"


def _downloads(shown: Shown, rows: list[Row], finding: str) -> None:
    """The table of all rows, and overlays of those on the worklist, made when asked for."""

    def written(write: Callable[[pa.Table, io.BytesIO], None]) -> Callable[[], bytes]:
        def data() -> bytes:
            buffer = io.BytesIO()
            write(table(rows, shown.entry, shown.labels), buffer)
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
            f"Of {finding}, for the films of the worklist as it is filtered, {MOST_OVERLAYS} at most. "
            "For all: python -m xray cohort FOLDER --out DIR --overlays",
        ),
    )
    with st.container(horizontal=True):
        for label, data, name, mime, told in files:
            st.download_button(
                label, data, name, mime, on_click="ignore", icon=":material/download:", key=label, help=told
            )
