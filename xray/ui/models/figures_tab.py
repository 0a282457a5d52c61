"""The tab Figures: headline, curves with an adjustable operating point, tables."""

from __future__ import annotations

from math import isnan

import streamlit as st

from xray.models.figures import (
    Estimate,
    Figures,
    FindingFigures,
    ModelFigures,
    OperatingPoint,
    SourceFigures,
    operating_points,
)
from xray.models.registry import ModelEntry
from xray.ui.common.charts import PLAIN
from xray.ui.common.messages import literal
from xray.ui.models.curves import confusion_matrix, precision_recall, roc

NAMES = {
    "auroc": "AUROC",
    "macro_auroc": "Mean AUROC",
    "ece": "ECE",
    "macro_ece": "Mean ECE",
    "brier": "Brier score",
}


def named(metric: str) -> str:
    """The name of a metric for users."""
    return NAMES.get(metric, metric.replace("_", " ").capitalize())


def card(label: str, value: float, note: str, explained: str | None = None) -> None:
    """Show a number with a note below; NaN as a dash."""
    st.metric(
        label,
        "–" if isnan(value) else f"{value:.3f}",
        delta=note,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=explained,
    )


def estimate(label: str, shown: Estimate) -> None:
    """Show a value with its interval."""
    card(label, shown.value, shown.span)


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


@st.fragment
def operating_point(entry: ModelEntry, test: Figures) -> None:
    """Show both curves of a finding, and the effect of the operating point."""
    st.markdown("**Operating point**")
    choice, threshold, share = st.columns([2, 3, 3], gap="medium")
    name = choice.selectbox("Finding", list(test.findings), key=f"curve of:{entry.id}")
    finding = test.findings[name]
    with threshold:
        chosen = chosen_point(finding, f"point:{entry.id}:{name}")
    prevalence = share.slider(
        "Prevalence",
        0.1,
        99.9,
        value=round(100 * finding.prevalence, 1),
        step=0.1,
        format="%.1f%%",
        key=f"prevalence:{entry.id}:{name}",
        help=f"Share of films that show the finding; {finding.prevalence:.1%} of the test films do.",
    )
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**ROC curve**")
        st.plotly_chart(
            roc(finding, chosen),
            config=PLAIN,
            key="roc",
            alt=f"ROC curve of {name}, AUROC {finding.metrics['auroc']}",
        )
        st.caption(
            f"Sensitivity for {literal(name)} and false positive rate at each threshold (dots). Closer to "
            f"the top left corner is better; the dotted line is chance. AUROC {finding.metrics['auroc']}; "
            "shaded: 95% CI of the sensitivity."
        )
    with right:
        st.markdown("**Precision-recall curve**")
        st.plotly_chart(
            precision_recall(finding, operating_points(finding)[finding.threshold], chosen),
            config=PLAIN,
            key="precision-recall",
            alt=f"Precision-recall curve of {name}",
        )
        st.caption(
            f"Precision: share of positive predictions that show {literal(name)}. Recall: share of films "
            "with the finding that are predicted positive. The dotted line is chance: the prevalence. "
            "Diamond: point chosen above; ring: operating point of the model."
        )
    consequences(name, finding, chosen, prevalence / 100)


def chosen_point(finding: FindingFigures, key: str) -> OperatingPoint:
    """Show a slider over the measured operating points; return the chosen one."""
    points = operating_points(finding)
    threshold = st.select_slider(
        "Positive from a probability of",
        list(points),
        value=finding.threshold,
        format_func="{:.2%}".format,
        key=key,
        help=f"The operating point of the model is {finding.threshold:.2%}.",
    )
    return points[threshold]


def consequences(name: str, finding: FindingFigures, chosen: OperatingPoint, prevalence: float) -> None:
    """Show counts on the test films, and predictive values at a prevalence."""
    positive, negative = chosen.predictive_values(prevalence)
    with st.grid(4, min_column_width=150):
        estimate("Sensitivity", chosen.sensitivity)
        estimate("Specificity", chosen.specificity)
        note = f"prevalence {prevalence:.1%}"
        card(
            "PPV",
            positive,
            note,
            "Positive predictive value: the probability that a positive prediction is correct.",
        )
        card(
            "NPV",
            negative,
            note,
            "Negative predictive value: the probability that a negative prediction is correct.",
        )
    negatives = finding.n - finding.positives
    found, missed, false_alarms, rejected = chosen.counts(finding.positives, negatives)
    counted, text = st.columns([3, 4], gap="medium", vertical_alignment="center")
    counted.table(
        {
            f"{finding.n} test films": [
                f"with {literal(name)} ({finding.positives})",
                f"without ({negatives})",
            ],
            "predicted positive": [round(found), round(false_alarms)],
            "predicted negative": [round(missed), round(rejected)],
        }
    )
    sick = 1000 * prevalence
    found, missed, false_alarms, _ = chosen.counts(sick, 1000 - sick)
    text.markdown(
        f"Of 1,000 films, {sick:.0f} show the finding: {found:.0f} are found and {missed:.0f} missed. Of the "
        f"others, {false_alarms:.0f} are predicted positive, so {positive:.0%} of the positive predictions "
        "are correct."
        if not isnan(positive)
        else "No film is predicted positive at this point."
    )


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
        "Operating point": [figures.threshold for figures in each],
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
            "Operating point": st.column_config.NumberColumn(format="%.4f"),
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
    films |= {f"test films of {source}": known for source, known in test.sources.items()}
    st.markdown("**On other films**")
    shown = {name: known for name, known in films.items() if known}
    st.dataframe(
        {"Films": list(shown), "n": [known.n for known in shown.values()]}
        | {
            named(metric): [str(known.metrics.get(metric, "–")) for known in shown.values()]
            for metric in test.metrics
        },
        hide_index=True,
        height="content",
        column_config={"Films": st.column_config.TextColumn(pinned=True)}
        | {named(metric): st.column_config.TextColumn(width=132) for metric in test.metrics},
        alt="Headline figures on other films",
    )
    st.caption(
        "A model that is much worse on another collection may have learned features of its training "
        "collection. Calibration and operating points were fitted on the validation films, so figures on "
        "them are optimistic."
    )
