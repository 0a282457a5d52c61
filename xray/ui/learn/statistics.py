"""Statistics of the reader over all decks, against the model on the same films, with charts and downloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from xray.learn.certificate import certificate
from xray.learn.intervals import fleiss_kappa
from xray.learn.reads import FilmKey, OtherAnswer, Read, counted_once, hardest, other_reader, ratings
from xray.learn.statistics import (
    calibration,
    figures,
    froc,
    of_model,
    of_reader,
    paired,
    statistics_csv,
)
from xray.train.bootstrap import Estimate
from xray.ui.common.charts import PLAIN
from xray.ui.common.escaping import literal
from xray.ui.common.keeping import forget_answers, is_keeping, kept_answers, zone
from xray.ui.learn.charts import calibration_chart, froc_chart
from xray.ui.session import session
from xray.wording import counted

MAX_OTHERS, MAX_MEGABYTES = 20, 1
HOW = (
    "95% intervals: Wilson's for shares, Newcombe's for the AUROC, Student's for the means of Brier score "
    "and IoU. With few films they are wide. Of two answers to a film, the one before the model was shown "
    "counts; repeated films do not."
)
Others = Sequence[Mapping[FilmKey, OtherAnswer]]


def statistics() -> None:
    """Show the statistics of the answered films. Raises XrayError."""
    reads = all_reads()
    if not reads:
        st.info("Answer films in the Practice part; their statistics appear here.", icon=":material/school:")
        return
    common = [film for film in reads if film.model]
    st.caption(scope(reads, common))
    st.table(table(common or reads))
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Your confidence**", help="Share of right answers among answers of similar confidence.")
        st.plotly_chart(
            calibration_chart(calibration(reads)),
            config=PLAIN,
            key="calibration of reader",
            alt="Share of right answers by confidence",
        )
    with right:
        st.markdown(
            "**Localization (FROC)**",
            help="Share of the lesions that are marked, against marks in wrong places per film, from the "
            "surest mark to all. A mark of the model is the maximum of its map.",
        )
        curves = {"You": froc(common, of_reader), "Model": froc(common, of_model)}
        known = {who: curve for who, curve in curves.items() if curve}
        if known:
            st.plotly_chart(
                froc_chart(known),
                config=PLAIN,
                key="froc",
                alt="Share of lesions marked by false marks per film",
            )
        else:
            st.caption("No location is known in these films.")
    others = other_readers()
    agreement(reads, others)
    difficult(reads, others)
    downloads(reads)


def all_reads() -> list[Read]:
    """The films that were kept, then those of this session, each film once. Raises HistoryUnavailable."""
    kept = [Read.from_json(content) for content in kept_answers()]
    return counted_once([*kept, *(film for run in session().runs.values() for film in run.reads.values())])


def scope(reads: Sequence[Read], common: Sequence[Read]) -> str:
    """State how many films count, and where they come from."""
    films = counted(len(reads), "film")
    where = (
        "of this and earlier sessions"
        if is_keeping()
        else "of this session; they are kept only while Keep results on this computer is on"
    )
    refused = len(reads) - len(common)
    left_out = (
        f" Where the model is compared, {refused} that its gate refuses are left out." if refused else ""
    )
    return f"{films} {where}.{left_out} {pairs(common)}"


def pairs(common: Sequence[Read]) -> str:
    """State on how many films reader and model are right."""
    found = paired(common)
    return (
        f"You and the model are both right on {found.both}, only you on {found.reader_only}, only the model "
        f"on {found.model_only}, neither on {found.neither}."
    )


def table(films: Sequence[Read]) -> dict[str, list[str]]:
    """The figures of reader and model on the same films, as columns of a table."""
    yours, its = figures(films, of_reader), figures(films, of_model)
    return {
        " ": [figure.name for figure in yours],
        "You": [interval(figure.estimate) for figure in yours],
        "Model": [interval(figure.estimate) for figure in its],
        "Films": [str(figure.n) for figure in yours],
    }


def interval(estimate: Estimate | None) -> str:
    """Format a value with its interval."""
    if estimate is None:
        return "–"
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"


def other_readers() -> Others:
    """Show a place for the files of other readers; return their answers. Raises UnusableData."""
    files = st.file_uploader(
        "Scores of other readers",
        type="csv",
        accept_multiple_files=True,
        max_upload_size=MAX_MEGABYTES,
        help='Files that "Scores (CSV)" wrote for readers of the same decks. They are not kept.',
    )
    return [other_reader(file.name, file.getvalue()) for file in files[:MAX_OTHERS]]


def agreement(reads: Sequence[Read], others: Others) -> None:
    """Show Fleiss' kappa of all readers."""
    if not others:
        return
    rated = ratings(reads, others)
    kappa = fleiss_kappa(rated)
    if kappa is None:
        st.caption(f"{len(rated)} films were read by all readers; that is not enough for an agreement.")
        return
    st.metric(
        f"Fleiss' kappa of {len(others) + 1} readers, {len(rated)} films",
        interval(kappa),
        help="Agreement beyond chance: 1 is perfect, 0 is that of chance. Interval: bootstrap over films.",
    )


def difficult(reads: Sequence[Read], others: Others) -> None:
    """Show the films with the highest Brier score."""
    films = hardest(reads, others)
    st.markdown("**Hardest films**", help="Highest mean Brier score of the readers.")
    st.table(
        {
            "Film": [literal(film.title) for film in films],
            "Mean Brier": [f"{film.brier:.3f}" for film in films],
            "Right": [f"{film.right} of {film.readers}" for film in films],
            "Model": [{None: "refused", True: "right", False: "wrong"}[film.model_right] for film in films],
        }
    )


def downloads(reads: Sequence[Read]) -> None:
    """Offer the statistics and a certificate as files, and to delete the answers that were kept."""
    name = st.text_input(
        "Name on the certificate",
        max_chars=80,
        placeholder="optional",
        help="The name is written to the PDF only; it is not kept.",
    )
    csv, pdf, *forget = st.columns(3 if is_keeping() else 2)
    csv.download_button(
        "Statistics (CSV)",
        lambda: statistics_csv(reads),
        "statistics.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )
    pdf.download_button(
        "Certificate of practice (PDF)",
        lambda: certificate(reads, name, datetime.now(zone()).date()),
        "certificate-of-practice.pdf",
        "application/pdf",
        on_click="ignore",
        icon=":material/workspace_premium:",
        width="stretch",
    )
    for column in forget:
        column.button(
            "Delete kept answers", icon=":material/delete:", width="stretch", on_click=forget_answers
        )
    st.caption(HOW)
