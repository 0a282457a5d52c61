"""A model over time: the mean of its answers, and whether today's films are like its validation films."""

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
from xray.ui.common.charts import AMBER, BLUE, GRAY
from xray.ui.common.messages import literal
from xray.ui.history.keeping import titles
from xray.ui.models.curves import SHARE, laid_out

PLAIN = {"displayModeBar": False}
MOST_POINTS = 120  # in a trend; beyond that days are taken together as weeks
SPANS = {"All time": None, "Last 90 days": 90, "Last 30 days": 30, "Last 7 days": 7}
ICONS = {
    "too few films": ":material/hourglass_empty:",
    "no sign of drift": ":material/check_circle:",
    "a small shift": ":material/trending_up:",
    "drift": ":material/warning:",
}


def over_time(store: Store, known: dict[str, tuple[str, ...]]) -> None:
    """Choose a model and a finding; its trend and its drift."""
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
        the_trend(trend.by_day(store, owner(), chosen.series_id), finding)
    with right:
        st.markdown("**Comparison with the validation films**")
        the_drift(model_id, finding, chosen, trend.tenths(store, owner(), chosen.series_id, since))


def chosen_weights(kinds: Sequence[Weights]) -> Weights | None:
    """Answers of different weights, or of simulated films, are never mixed."""
    if len(kinds) < 2:
        return kinds[0] if kinds else None
    labels = {
        f"weights {one.weights_sha256[:8]}{', simulated films' if one.simulated else ''} ({one.films:,})": one
        for one in kinds
    }
    return labels[st.segmented_control("Films", list(labels), default=next(iter(labels)), required=True)]


def in_weeks(days: Sequence[Day]) -> list[Day]:
    """Days as they are, or taken together by week, each film counting once, where there are many."""
    if len(days) <= MOST_POINTS:
        return list(days)
    weeks: dict[date, list[Day]] = {}
    for one in days:
        weeks.setdefault(one.day - timedelta(days=one.day.weekday()), []).append(one)
    together = []
    for monday, some in weeks.items():
        films = [one.films for one in some]
        means = (
            float(np.average([getattr(one, name) for one in some], weights=films))
            for name in ("probability", "reached")
        )
        together.append(Day(monday, sum(films), *means))
    return together


def the_trend(days: Sequence[Day], finding: str) -> None:
    shown = in_weeks(days)
    by = "week" if len(shown) < len(days) else "day"
    figure = go.Figure()
    for name, values, color, dash in (
        ("mean probability", [one.probability for one in shown], AMBER, "solid"),
        ("at or above point", [one.reached for one in shown], BLUE, "dot"),
    ):
        figure.add_scatter(
            x=[one.day for one in shown],
            y=values,
            name=name,
            mode="lines+markers" if len(shown) < 40 else "lines",
            line={"color": color, "width": 2, "dash": dash},
            customdata=[one.films for one in shown],
            hovertemplate="%{x|%-d %b %Y}: %{y:.1%}, %{customdata} films<extra>" + name + "</extra>",
        )
    laid_out(figure, "", "", 340)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.14})
    figure.update_yaxes(**SHARE)
    st.plotly_chart(figure, config=PLAIN, key="history trend", alt=f"{finding} by {by}")
    films = sum(one.films for one in days)
    st.caption(
        f"{films:,} {'film' if films == 1 else 'films'}, by {by} (UTC). A film opened again counts once. "
        "A change may come from the patients, the machine, or the way films are taken."
    )


def validation_tenths(model_id: str, finding: str, weights_sha256: str) -> Counts | str:
    """How the validation films were answered, or a sentence that says why that is not known."""
    try:
        told = model_figures(entry(model_id)).validation
    except ModelUnavailable as error:
        return str(error)
    if told is None or finding not in told.findings:
        return f"No validation distribution is stored for {finding} of this model."
    if told.weights_sha256 != weights_sha256:
        return "The validation figures of this model belong to other weights than those that answered."
    return tenths_of((one.stated, one.n) for one in told.findings[finding].reliability)


def the_drift(model_id: str, finding: str, chosen: Weights, now: Counts) -> None:
    before = validation_tenths(model_id, finding, chosen.weights_sha256)
    if isinstance(before, str):
        st.info(literal(before), icon=":material/info:")
        histogram({f"{now.sum():,} kept films": (now, AMBER)}, finding)
        return
    told = drift(now, before)
    histogram(
        {
            f"{before.sum():,} validation films": (before, GRAY),
            f"{now.sum():,} kept films": (now, AMBER),
        },
        finding,
    )
    st.markdown(f"{ICONS[told.verdict]} {sentence(told)}")
    st.caption(
        "Population stability index (PSI) over tenths of probability: under "
        f"{SMALL:g} is customarily taken as stable, from {LARGE:g} as drift; p by Pearson's test. It "
        "compares answers, not films: it cannot tell sicker patients from another machine, and a model that "
        "is wrong in the same proportions shows none."
        + (" These are simulated films, which the model was not made for." if chosen.simulated else "")
    )


def sentence(told: Drift) -> str:
    if told.verdict == "too few films":
        return f"{told.now.sum():,} films are too few to tell; {FEWEST} are needed."
    chance = "p < 0.001" if told.p_value < 0.001 else f"p = {told.p_value:.3f}"
    meaning = {
        "no sign of drift": "No sign of drift",
        "a small shift": "A small shift of the answers",
        "drift": "The answers have drifted from those on validation films",
    }[told.verdict]
    return f"**{meaning}**: PSI {told.index:.2f}, {chance}."


def histogram(groups: dict[str, tuple[Counts, str]], finding: str) -> None:
    """The share of films in each tenth of probability."""
    figure = go.Figure()
    for name, (counts, color) in groups.items():
        figure.add_bar(
            x=(np.arange(TENTHS) + 0.5) / TENTHS,
            y=counts / max(counts.sum(), 1),
            name=name,
            marker={"color": color},
            customdata=counts,
            hovertemplate="about %{x:.0%}: %{y:.1%}, %{customdata} films<extra>" + name + "</extra>",
        )
    laid_out(figure, f"Probability of {finding}", "", 340)
    figure.update_layout(barmode="group", showlegend=True, legend={"orientation": "h", "y": 1.14})
    figure.update_xaxes(**{**SHARE, "range": [0, 1]})
    figure.update_yaxes(tickformat=".0%")
    st.plotly_chart(figure, config=PLAIN, key="history drift", alt="; ".join(groups))
