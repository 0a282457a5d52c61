"""The tab Figures, and the headline above the tabs."""

from __future__ import annotations

import streamlit as st

from xray.models.figures import Figures, ModelFigures, SourceFigures
from xray.models.registry import ModelEntry
from xray.types.answer import listed
from xray.ui.common.charts import PLAIN
from xray.ui.common.curves import confusion_matrix
from xray.ui.common.escaping import literal
from xray.ui.common.estimates import estimate, named
from xray.ui.models.operating_point import operating_point


def headline(entry: ModelEntry, test: Figures) -> None:
    """Show the headline figures, the number of films, and the command that measures them."""
    with st.grid(min(6, len(test.metrics)), min_column_width=150):
        for name, value in test.metrics.items():
            estimate(named(name), value)
    st.caption(
        f"{test.n} {literal(test.split)} films of {test.patients} patients, none of them used for training. "
        "Below each value: its 95% confidence interval (CI), "
        f"{literal(test.interval.removeprefix('95%, '))}."
    )
    st.code(f"python -m xray evaluate {entry.id} --split test --json", language=None)
    if entry.sha256 and entry.sha256 != test.weights_sha256:
        st.warning(
            "These figures were measured with other weights than those in the registry. Run the command "
            "again.",
            icon=":material/warning:",
        )


def figures_tab(entry: ModelEntry, figures: ModelFigures, test: Figures) -> None:
    """Show what was measured on test films."""
    if test.findings:
        operating_point(entry, test)
    if test.confusion and len(entry.findings) > 2:
        confusion(entry, test.confusion)
    if len(test.findings) > 1:
        findings_table(test)
    comparison(figures, test)


def confusion(entry: ModelEntry, counts: list[list[int]]) -> None:
    """Show the confusion matrix."""
    st.markdown("**Confusion matrix**")
    st.plotly_chart(
        confusion_matrix(entry.findings, counts),
        config=PLAIN,
        key="confusion",
        alt="Confusion matrix: true findings in rows, the most likely one in columns",
    )
    st.caption(
        "Rows: true finding of the test films; columns: most likely finding. Correct predictions are on the "
        "diagonal; brighter cells have a larger share of their row."
    )


def findings_table(test: Figures) -> None:
    """Show the figures of all findings."""
    st.markdown("**All findings**")
    each = test.findings.values()
    table = {
        "Finding": list(test.findings),
        "AUROC": [figures.metrics["auroc"].value for figures in each],
        "95% CI": [figures.metrics["auroc"].span for figures in each],
        "Positives": [figures.positives for figures in each],
        "Films": [figures.n for figures in each],
        "Operating point": [100 * figures.threshold for figures in each],
        "Sensitivity": [figures.metrics["sensitivity"].value for figures in each],
        "Specificity": [figures.metrics["specificity"].value for figures in each],
        "ECE": [figures.metrics["ece"].value for figures in each],
    }
    share = st.column_config.NumberColumn(format="%.3f")
    columns = ("AUROC", "Sensitivity", "Specificity", "ECE")
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        column_config={name: share for name in columns}
        | {
            "Finding": st.column_config.TextColumn(pinned=True, width=140),
            "Operating point": st.column_config.NumberColumn(format="%.1f%%"),
        },
        alt="Figures of every finding on the test films",
    )
    st.caption(
        "Click a heading to sort. AUROC: the probability that a film with the finding gets a higher value "
        "than a film without it; 0.5 is chance. Few positives give a wide interval."
    )


def comparison(figures: ModelFigures, test: Figures) -> None:
    """Show the headline figures on other films, if there are any."""
    films: dict[str, SourceFigures | None] = {
        "test films": test,
        "validation films": figures.validation,
        "other collections": figures.other_source,
        "test films at low resolution": figures.shrunk,
    }
    films |= {f"test: {source}": known for source, known in test.sources.items()}
    films |= {f"{name}, not trained on": known for name, known in figures.external.items()}
    st.markdown("**On other films**")
    shown = {name: known for name, known in films.items() if known}
    st.dataframe(
        {"Films (n)": [f"{name} ({known.n:,})" for name, known in shown.items()]}
        | {
            named(metric): [str(known.metrics.get(metric, "–")) for known in shown.values()]
            for metric in test.metrics
        },
        hide_index=True,
        height="content",
        column_config={"Films (n)": st.column_config.TextColumn(pinned=True)}
        | {named(metric): st.column_config.TextColumn(width=132) for metric in test.metrics},
        alt="Headline figures on other films",
    )
    if notes := notes_on_other_films(figures, test):
        st.caption(" ".join(notes))


def notes_on_other_films(figures: ModelFigures, test: Figures) -> list[str]:
    """How to read the figures on other collections and on validation films, where there are any."""
    notes = []
    if figures.other_source or figures.external:
        notes.append(
            "A model that is much worse on another collection may have learned features of its training "
            "collection."
        )
    if figures.validation and (better := better_than(figures.validation, test)):
        notes.append(
            "Calibration and operating points were fitted on the validation films. There, "
            f"{listed(better)} {'is' if len(better) == 1 else 'are'} better than on the test films."
        )
    return notes


def better_than(figures: SourceFigures, test: SourceFigures) -> list[str]:
    """The names of the metrics that are better than those on the test films."""
    errors = ("ece", "brier")  # lower is better
    return [
        named(name)
        for name, value in test.metrics.items()
        if (other := figures.metrics.get(name))
        and ((other.value < value.value) if name.endswith(errors) else (other.value > value.value))
    ]
