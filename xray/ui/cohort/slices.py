"""Slices of a cohort: figures by age, sex, view or device, and groups of films by their prediction set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import plotly.graph_objects as go
import streamlit as st

from xray.cohort import Row
from xray.cohort.slices import AUROC, CALIBRATION, CANNOT_TELL, METRICS, SENSITIVITY, SUPPORTED, Slice
from xray.cohort.triage import LEVEL, TriageGroup, set_tests, triage
from xray.errors import UnusableData
from xray.train.bootstrap import Estimate
from xray.ui.cohort.session import Shown
from xray.ui.cohort.worklist import pick
from xray.ui.common.charts import AMBER, BLUE, GRAY, MARK, PLAIN, clicked_point, laid_out, whiskers
from xray.ui.common.escaping import chart_text, literal

LINE = 34  # px of a slice in the chart
CHART, TABLE, TRIAGE = "cohort slices chart", "cohort slices table", "cohort triage"
EXPLAINED = {
    AUROC: "Needs labeled films of 5 patients with and 5 without the finding.",
    SENSITIVITY: "Share of the films with the finding that reach the operating point.",
    CALIBRATION: "Needs labeled films of 10 patients. Not tested: it rises as the number of films falls.",
    CANNOT_TELL: "Share of the films whose prediction set keeps neither or both of present and absent.",
    SUPPORTED: "Share of the checked maps whose verdict is supported.",
}


def slices_view(shown: Shown, rows: list[Row], finding: str) -> None:
    """Triage groups with the tests of the sets, then figures by slice, the worst first."""
    if shown.job.running:
        st.info("Slices are computed when all films are done.", icon=":material/hourglass_empty:")
        return
    _triage(shown, rows, finding)
    st.markdown("**Slices**")
    columns = [*shown.labels.columns, *shown.attributes]
    if not columns:
        st.info(
            "There is nothing to group by. Add columns such as age, sex or view to the list of labels, or "
            "choose DICOM attributes before the analysis.",
            icon=":material/info:",
        )
        return
    chosen = st.multiselect(
        "Group by", columns, _usual(columns), key="cohort slices by", persist_state="session"
    )
    if not chosen:
        return
    try:
        everything, found = shown.slices(rows, finding, tuple(chosen))
    except UnusableData as error:
        st.info(literal(str(error)), icon=":material/info:")
        return
    metrics = [name for name in METRICS if name in everything]
    metric = st.segmented_control(
        "Figure",
        metrics,
        default=metrics[0],
        required=True,
        key="cohort slices figure",
        persist_state="session",
    )
    _chart(shown, everything, found, metric)
    st.caption(
        f"{EXPLAINED[metric]} Dashed line: all films. Bars: 95% intervals. Amber: worse than the other "
        f"films, p < {LEVEL:g} after correction for all tests of these slices (Holm). Click a slice to list "
        "its films."
    )
    with st.expander("All figures"):
        _table(shown, everything, found)


def _usual(columns: Sequence[str]) -> list[str]:
    """The columns chosen at first: age, sex and view, if known, or the first one."""
    usual = [name for name in columns if name.casefold().removeprefix("patient") in ("age", "sex", "view")]
    return usual or [columns[0]]


def _name(part: Slice) -> str:
    return f"{part.column}: {part.value}"


def _chart(shown: Shown, everything: dict[str, Estimate], found: Sequence[Slice], metric: str) -> None:
    """One line per slice with its value and interval; the worst is the first."""
    drawn = [part for part in found if metric in part.figures]
    if not drawn:
        st.info("Too few labeled films in every slice.", icon=":material/info:")
        return
    figures = [part.figures[metric] for part in drawn]
    clear = [metric in part.worse and part.p[metric] < LEVEL for part in drawn]
    figure = go.Figure(
        go.Scatter(
            x=[shown_figure.value for shown_figure in figures],
            y=[chart_text(_name(part)) for part in drawn],
            mode="markers",
            marker={"size": 11, "color": [AMBER if one else BLUE for one in clear]},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            error_x=whiskers(map(astuple, figures), GRAY, thickness=3, width=0),
            customdata=[_facts(part, metric) for part in drawn],
            hovertemplate="%{y}<br>%{customdata}<extra></extra>",
        )
    )
    figure.add_vline(x=everything[metric].value, line={"color": MARK, "width": 1.5, "dash": "dash"})
    laid_out(figure, metric, "", 70 + LINE * len(drawn))
    figure.update_yaxes(autorange="reversed", automargin=True, title=None, showgrid=False)
    figure.update_xaxes(tickformat=".2f" if metric in (AUROC, CALIBRATION) else ".0%")

    def choose() -> None:
        if point := clicked_point(CHART):
            part = drawn[point["point_index"]]
            pick(shown, (_name(part), part.rows))

    st.plotly_chart(
        figure,
        config=PLAIN,
        key=CHART,
        on_select=choose,
        selection_mode="points",
        alt=f"{metric} of {len(drawn)} slices with intervals",
    )


def _facts(part: Slice, metric: str) -> str:
    p = f", p = {part.p[metric]:.2g}" if metric in part.p else ""
    labels = f"{part.labeled:,} labeled, {part.present:,} with the finding"
    return f"{part.figures[metric]}{p}<br>{len(part.rows):,} films, {labels}"


def _table(shown: Shown, everything: dict[str, Estimate], found: Sequence[Slice]) -> None:
    lines: dict[str, list[object]] = {
        "Slice": ["All films", *map(_name, found)],
        "Films": [None, *(len(part.rows) for part in found)],
        "With finding": [None, *(f"{part.present} of {part.labeled}" for part in found)],
    }
    for name in everything:
        lines[name] = [str(everything[name]), *(_cell(part, name) for part in found)]

    def choose() -> None:
        if (chosen := st.session_state[TABLE].selection.rows) and chosen[0]:
            part = found[chosen[0] - 1]
            pick(shown, (_name(part), part.rows))

    st.dataframe(
        lines,
        hide_index=True,
        placeholder="–",
        on_select=choose,
        selection_mode="single-row",
        key=TABLE,
        alt="Figures of all slices",
    )


def _cell(part: Slice, name: str) -> str | None:
    if name not in part.figures:
        return None
    marked = name in part.worse and part.p[name] < LEVEL
    return f"{part.figures[name]}" + (f" · p {part.p[name]:.1g}" if marked else "")


def _triage(shown: Shown, rows: list[Row], finding: str) -> None:
    """The films by their prediction set, and whether the sets can be trusted here."""
    st.markdown(
        "**Triage groups**", help="Films by their prediction set, instead of one group `cannot tell`."
    )
    if all(row.prediction is None or row.prediction.present is None for row in rows):
        st.caption("The model has no calibrated prediction sets.")
        return
    results = shown.results(rows)
    found, tests = triage(results, finding), set_tests(results, finding)
    total = sum(len(group.rows) for group in found)

    def choose() -> None:
        if chosen := st.session_state[TRIAGE].selection.rows:
            group = found[chosen[0]]
            pick(shown, (f"{finding}: {group.name}", group.rows))

    st.dataframe(
        _groups(found, total),
        hide_index=True,
        placeholder="–",
        on_select=choose,
        selection_mode="single-row",
        key=TRIAGE,
        column_config={"Share": st.column_config.ProgressColumn(format="%.0f%%", min_value=0, max_value=100)},
        alt=f"Films by prediction set of {finding}",
    )
    st.caption("Select a line to list its films.")
    failed = [test for test in tests if test.failed]
    if failed:
        st.warning(
            "The films differ from the validation films, so the prediction sets and `cannot tell` are not "
            "reliable here: " + "; ".join(literal(str(test)) for test in failed) + ".",
            icon=":material/rule:",
        )
    elif tests:
        st.caption(
            "No test contradicts that the films are like the validation films: "
            + "; ".join(literal(str(test)) for test in tests)
            + "."
        )


def _groups(found: Sequence[TriageGroup], total: int) -> dict[str, list[object]]:
    lines: dict[str, list[object]] = {
        "Group": [group.name for group in found],
        "Films": [len(group.rows) for group in found],
        "Share": [100 * len(group.rows) / max(total, 1) for group in found],
    }
    if any(group.labeled for group in found):
        lines["Labeled with the finding"] = [
            f"{_percent(group.present)} of {group.labeled:,}" if group.present else None for group in found
        ]
    return lines


def _percent(share: Estimate) -> str:
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})"
