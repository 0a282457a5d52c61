"""What was measured on test films: headline, curves with a movable operating point, tables."""

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
from xray.ui.common.messages import literal
from xray.ui.models.curves import confusion_matrix, precision_recall, roc

PLAIN = {"displayModeBar": False}  # of every chart of these pages
NAMES = {
    "auroc": "AUROC",
    "macro_auroc": "Mean AUROC",
    "ece": "ECE",
    "macro_ece": "Mean ECE",
    "brier": "Brier score",
}


def named(metric: str) -> str:
    return NAMES.get(metric, metric.replace("_", " ").capitalize())


def card(label: str, value: float, note: str, explained: str | None = None) -> None:
    """A number with what belongs to it below; NaN as a dash."""
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
    card(label, shown.value, shown.span)


def headline(entry: ModelEntry, test: Figures) -> None:
    """The figures that stand for all others, on how many films, and the command that gives them."""
    with st.grid(min(6, len(test.metrics)), min_column_width=150):
        for name, value in test.metrics.items():
            estimate(named(name), value)
    st.caption(
        f"{test.n} {literal(test.split)} films of {test.patients} patients, none of which it learned from. "
        "Below each value its 95% confidence interval (CI): what to expect of other patients of the same "
        f"kind ({literal(test.interval.removeprefix('95%, '))})."
    )
    st.code(f"python -m xray evaluate {entry.id} --split test --json", language=None)
    if entry.sha256 and entry.sha256 != test.weights_sha256:
        st.warning(
            "These figures were measured with other weights than the registry names: run the command again.",
            icon=":material/warning:",
        )


def figures_tab(entry: ModelEntry, told: ModelFigures, test: Figures) -> None:
    if test.findings:
        operating_point(entry, test)
    if test.confusion and len(entry.findings) > 2:
        confusion(entry, test.confusion)
    if len(test.findings) > 1:
        findings_table(test)
    comparison(told, test)


@st.fragment
def operating_point(entry: ModelEntry, test: Figures) -> None:
    """Both curves of a finding, and what moving the operating point does."""
    st.markdown("**Operating point**")
    choice, threshold, share = st.columns([2, 3, 3], gap="medium")
    name = choice.selectbox("Finding", list(test.findings), key=f"curve of:{entry.id}")
    finding = test.findings[name]
    points = operating_points(finding)
    chosen = points[
        threshold.select_slider(
            "Call it positive from a probability of",
            list(points),
            value=finding.threshold,
            format_func=lambda one: f"{one:.2%}",
            key=f"point:{entry.id}:{name}",
            help=f"The model's own operating point is {finding.threshold:.2%}.",
        )
    ]
    prevalence = share.slider(
        "Prevalence",
        0.1,
        99.9,
        value=round(100 * finding.prevalence, 1),
        step=0.1,
        format="%.1f%%",
        key=f"prevalence:{entry.id}:{name}",
        help=f"The share of films that show it; of the test films {finding.prevalence:.1%}.",
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
            f"Each dot is a threshold: how many of the films with {literal(name)} it finds (up) at the price "
            "of how many false positives (right). The nearer the top left corner, the better; the dotted "
            f"line is guessing. AUROC {finding.metrics['auroc']}; shaded: 95% CI of the sensitivity."
        )
    with right:
        st.markdown("**Precision-recall curve**")
        st.plotly_chart(
            precision_recall(finding, points[finding.threshold], chosen),
            config=PLAIN,
            key="precision-recall",
            alt=f"Precision-recall curve of {name}",
        )
        st.caption(
            f"Of the films called positive, how many show {literal(name)} (up), against how many of all that "
            "show it are found (right). The dotted line is guessing: the share of test films with it. "
            "Diamond: the point chosen above; ring: the model's own."
        )
    consequences(name, finding, chosen, prevalence / 100)


def consequences(name: str, finding: FindingFigures, chosen: OperatingPoint, prevalence: float) -> None:
    """Counts on the test films, and what answers are worth at a prevalence."""
    positive, negative = chosen.predictive_values(prevalence)
    with st.grid(4, min_column_width=150):
        estimate("Sensitivity", chosen.sensitivity)
        estimate("Specificity", chosen.specificity)
        note = f"prevalence {prevalence:.1%}"
        card("PPV", positive, note, "Positive predictive value: the chance that a positive answer is right.")
        card("NPV", negative, note, "Negative predictive value: the chance that a negative answer is right.")
    negatives = finding.n - finding.positives
    found, missed, wrong, alone = chosen.counts(finding.positives, negatives)
    counted, told = st.columns([3, 4], gap="medium", vertical_alignment="center")
    counted.table(
        {
            f"{finding.n} test films": [
                f"with {literal(name)} ({finding.positives})",
                f"without ({negatives})",
            ],
            "called positive": [round(found), round(wrong)],
            "called negative": [round(missed), round(alone)],
        }
    )
    sick = 1000 * prevalence
    found, missed, wrong, alone = chosen.counts(sick, 1000 - sick)
    told.markdown(
        f"Of 1,000 films, {sick:.0f} show it: {found:.0f} are found and {missed:.0f} missed. Of the others, "
        f"{wrong:.0f} are called positive all the same, so {positive:.0%} of the positive answers are right."
        if not isnan(positive)
        else "Nobody is called positive at this point."
    )


def confusion(entry: ModelEntry, counts: list[list[int]]) -> None:
    st.markdown("**Confusion matrix**")
    st.plotly_chart(
        confusion_matrix(entry.findings, counts),
        config=PLAIN,
        key="confusion",
        alt="Confusion matrix: true findings in rows, the most likely one in columns",
    )
    st.caption(
        "Each row holds the test films that truly show one thing, each column what the model calls most "
        "likely. Right answers lie on the diagonal; the brighter, the larger the share of the row."
    )


def findings_table(test: Figures) -> None:
    st.markdown("**All findings**")
    each = test.findings.values()
    table = {
        "Finding": list(test.findings),
        "AUROC": [one.metrics["auroc"].value for one in each],
        "95% CI": [one.metrics["auroc"].span for one in each],
        "With it": [one.positives for one in each],
        "Films": [one.n for one in each],
        "Operating point": [one.threshold for one in each],
        "Sensitivity": [one.metrics["sensitivity"].value for one in each],
        "Specificity": [one.metrics["specificity"].value for one in each],
        "ECE": [one.metrics["ece"].value for one in each],
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
        "Click a heading to sort. AUROC: the chance that a film with the finding is given a higher "
        "probability than one without; 0.5 is guessing. The fewer films with it, the wider the interval."
    )


def comparison(told: ModelFigures, test: Figures) -> None:
    """The headline figures on other films, where there are any."""
    films: dict[str, SourceFigures | None] = {
        "test films": test,
        "validation films": told.validation,
        "collections never learned from": told.other_source,
        "test films, made small": told.shrunk,
    }
    films |= {f"test films of {source}": one for source, one in test.sources.items()}
    st.markdown("**On other films**")
    shown = {name: one for name, one in films.items() if one}
    st.dataframe(
        {"Films": list(shown), "n": [one.n for one in shown.values()]}
        | {
            named(metric): [str(one.metrics.get(metric, "–")) for one in shown.values()]
            for metric in test.metrics
        },
        hide_index=True,
        height="content",
        column_config={"Films": st.column_config.TextColumn(pinned=True)},
        alt="Headline figures on other films",
    )
    st.caption(
        "A model that is much worse on another collection may have learned the collection, not the disease. "
        "Calibration and operating points were set on validation films, so those figures are optimistic."
    )
