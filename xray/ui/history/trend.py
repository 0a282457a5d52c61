"""Predictions of a model over time, and their drift from those on its validation films."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from xray.errors import ModelUnavailable
from xray.history import trend
from xray.history.drift import FEWEST, LARGE, SMALL, TENTHS, Counts, Drift, drift, tenths_of
from xray.history.store import Store
from xray.history.trend import Day, Weights
from xray.models.figures import model_figures
from xray.models.registry import entry
from xray.ui.access import owner
from xray.ui.common.charts import AMBER, BLUE, GRAY, PLAIN, SHARE, laid_out
from xray.ui.common.escaping import literal
from xray.ui.common.keeping import titles
from xray.wording import counted

MOST_TICKS = 6  # of the axis of days
MOST_POINTS = 120  # of a trend; with more days, they are combined into weeks
SPANS = {"All time": None, "Last 90 days": 90, "Last 30 days": 30, "Last 7 days": 7}
ICONS = {
    "too few films": ":material/hourglass_empty:",
    "no sign of drift": ":material/check_circle:",
    "a small shift": ":material/trending_up:",
    "drift": ":material/warning:",
}


def over_time(store: Store, known: dict[str, tuple[str, ...]]) -> None:
    """Choose a model and a finding, and show their trend and drift.

    Args:
        store: The history.
        known: Findings of the models that have predictions, by model id.
    """
    if not known:
        st.info("No predictions are stored: the input gate refused all films.", icon=":material/timeline:")
        return
    model_column, finding_column, span_column = st.columns([3, 2, 2])
    named = titles()
    with model_column:
        model_id = st.selectbox(
            "Model",
            list(known),
            key="trend model",
            persist_state="session",
            format_func=lambda id: named.get(id, id),
        )
    findings = known[model_id]
    with finding_column:
        finding = st.selectbox(
            "Finding",
            findings,
            1 if len(findings) == 2 else 0,  # of two, the one that is not normal
            key=f"trend finding:{model_id}",
            persist_state="session",
        )
    with span_column:
        span = SPANS[st.selectbox("Compare", list(SPANS), key="drift span", persist_state="session")]
    kinds = trend.series(store, owner(), model_id, finding)
    chosen = chosen_weights(kinds)
    if chosen is None:
        return
    since = None if span is None else datetime.now(UTC).date() - timedelta(days=span)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{literal(finding)} over time**")
        trend_chart(trend.by_day(store, owner(), chosen.series_id), finding)
    with right:
        st.markdown("**Comparison with the validation films**")
        drift_from_validation(
            model_id, finding, chosen, trend.tenths(store, owner(), chosen.series_id, since)
        )


def chosen_weights(kinds: Sequence[Weights]) -> Weights | None:
    """Choose a series, if there are several: different weights and simulated films are never mixed."""
    if len(kinds) < 2:
        return kinds[0] if kinds else None
    labels = {
        f"weights {kind.weights_sha256[:8]}"
        f"{', simulated films' if kind.simulated else ''} ({kind.films:,})": kind
        for kind in kinds
    }
    return labels[st.segmented_control("Films", list(labels), default=next(iter(labels)), required=True)]


def in_weeks(days: Sequence[Day]) -> list[Day]:
    """Combine many days into weeks, in which every film has the same weight."""
    if len(days) <= MOST_POINTS:
        return list(days)
    weeks: dict[date, list[Day]] = {}
    for day in days:
        weeks.setdefault(day.day - timedelta(days=day.day.weekday()), []).append(day)
    combined = []
    for monday, week in weeks.items():
        films = [day.films for day in week]
        means = (
            float(np.average([getattr(day, name) for day in week], weights=films))
            for name in ("probability", "reached")
        )
        combined.append(Day(monday, sum(films), *means))
    return combined


def trend_chart(days: Sequence[Day], finding: str) -> None:
    """Show mean probability and share at or above the operating point over time."""
    shown = in_weeks(days)
    by = "week" if len(shown) < len(days) else "day"
    figure = go.Figure()
    for name, values, color, dash in (
        ("mean probability", [day.probability for day in shown], AMBER, "solid"),
        ("at or above operating point", [day.reached for day in shown], BLUE, "dot"),
    ):
        figure.add_scatter(
            x=[day.day for day in shown],
            y=values,
            name=name,
            mode="lines+markers" if len(shown) < 40 else "lines",
            line={"color": color, "width": 2, "dash": dash},
            customdata=[day.films for day in shown],
            hovertemplate="%{x|%-d %b %Y}: %{y:.1%}, %{customdata} films<extra>" + name + "</extra>",
        )
    laid_out(figure, "", "", 340)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.14})
    figure.update_yaxes(**SHARE)
    figure.update_xaxes(**day_axis([day.day for day in shown]))
    st.plotly_chart(figure, config=PLAIN, key="history trend", alt=f"{finding} by {by}")
    films = sum(day.films for day in days)
    st.caption(
        f"{counted(films, 'film')}, by {by} (UTC). A film opened again counts once. "
        "A change can have its cause in the patients, the X-ray device or the technique."
    )


def day_axis(days: Sequence[date]) -> dict[str, object]:
    """An axis of whole days without hours: one tick per day, or as many as fit in a longer span."""
    first, last = days[0] - timedelta(days=1), days[-1] + timedelta(days=1)
    axis = {"tickformat": "%-d %b %Y", "range": [first, last]}
    return axis | ({"tickvals": list(days)} if (last - first).days <= MOST_TICKS else {"nticks": MOST_TICKS})


def validation_tenths(model_id: str, finding: str, weights_sha256: str) -> Counts | str:
    """Counts (10) of the validation films in each tenth of probability, or why they are not known."""
    try:
        validation = model_figures(entry(model_id)).validation
    except ModelUnavailable as error:
        return str(error)
    if validation is None or finding not in validation.findings:
        return f"No validation distribution is stored for {finding} of this model."
    if validation.weights_sha256 != weights_sha256:
        return "The validation figures of this model belong to other weights than these predictions."
    return tenths_of((group.stated, group.n) for group in validation.findings[finding].reliability)


def drift_from_validation(model_id: str, finding: str, chosen: Weights, now: Counts) -> None:
    """Show the distribution of the stored probabilities beside that of the validation films."""
    before = validation_tenths(model_id, finding, chosen.weights_sha256)
    if isinstance(before, str):
        st.info(literal(before), icon=":material/info:")
        histogram({f"{now.sum():,} stored films": (now, AMBER)}, finding)
        return
    measured = drift(now, before)
    histogram(
        {
            f"{before.sum():,} validation films": (before, GRAY),
            f"{now.sum():,} stored films": (now, AMBER),
        },
        finding,
    )
    st.markdown(f"{ICONS[measured.verdict]} {sentence(measured)}")
    st.caption(
        "Population stability index (PSI) over tenths of probability: under "
        f"{SMALL:g} is usually regarded as stable, from {LARGE:g} as drift; p is from Pearson's test. The "
        "index compares predictions, not films: it cannot distinguish other patients from another X-ray "
        "device, and it does not detect a model that is wrong in the same proportions."
        + (" These are simulated films, for which the model was not trained." if chosen.simulated else "")
    )


def sentence(measured: Drift) -> str:
    """Describe a drift in one sentence."""
    if measured.verdict == "too few films":
        return f"{measured.now.sum():,} films are too few for a comparison; {FEWEST} are needed."
    chance = "p < 0.001" if measured.p_value < 0.001 else f"p = {measured.p_value:.3f}"
    meaning = {
        "no sign of drift": "No sign of drift",
        "a small shift": "A small shift of the predictions",
        "drift": "The predictions have drifted from those on the validation films",
    }[measured.verdict]
    return f"**{meaning}**: PSI {measured.index:.2f}, {chance}."


def histogram(groups: dict[str, tuple[Counts, str]], finding: str) -> None:
    """Show the share of films in each tenth of probability."""
    figure = go.Figure()
    for name, (counts, color) in groups.items():
        figure.add_bar(
            x=(np.arange(TENTHS) + 0.5) / TENTHS,
            y=counts / max(counts.sum(), 1),
            name=name,
            marker={"color": color},
            customdata=counts,
            hovertemplate="about %{x:.1%}: %{y:.1%}, %{customdata} films<extra>" + name + "</extra>",
        )
    laid_out(figure, f"Probability of {finding}", "", 340)
    figure.update_layout(barmode="group", showlegend=True, legend={"orientation": "h", "y": 1.14})
    figure.update_xaxes(**{**SHARE, "range": [0, 1]})
    figure.update_yaxes(tickformat=".0%")
    st.plotly_chart(figure, config=PLAIN, key="history drift", alt="; ".join(groups))
