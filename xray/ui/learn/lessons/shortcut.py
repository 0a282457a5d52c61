"""Shortcut learning: a lead letter is laid on a film, moved and taken away, and the logit is watched."""

from __future__ import annotations

from functools import cache

import plotly.graph_objects as go
import streamlit as st
from scipy.special import logit

from xray.evidence import FilmContext
from xray.evidence.shortcut import sensitivity
from xray.imaging.markers import PLACES, lettered
from xray.models.ensemble import load_model
from xray.render.overlay import windowed
from xray.ui.common.charts import AMBER, BLUE, GRAY
from xray.ui.learn.lessons.lesson import MODEL, Lesson, chest
from xray.ui.models.curves import laid_out
from xray.ui.models.figures_tab import PLAIN

FINDING = "Pneumonia"


@cache
def logits() -> dict[str, float]:
    """The calibrated logit with the letter at every place."""
    model = load_model(MODEL)
    index, film = model.entry.findings.index(FINDING), chest().radiograph
    return {
        place: float(logit(model.predict(lettered(film, place)).probabilities[index])) for place in PLACES
    }


@cache
def unrest() -> float:
    """How far the logit moves when the film is shifted, turned, noisy or compressed (evidence.shortcut)."""
    return sensitivity(FilmContext.of(load_model(MODEL), chest().radiograph, FINDING))


def show() -> None:
    place = st.segmented_control(
        "Letter", list(PLACES), default="upper right", required=True, key="lesson letter"
    )
    with st.spinner("Asking the network …"):
        known, usual = logits(), unrest()
    changes = {one: known[one] - known["no letter"] for one in PLACES if PLACES[one]}
    film, told = st.columns([2, 3], gap="medium")
    film.image(windowed(lettered(chest().radiograph, place).pixels), width="stretch", alt=f"Film: {place}")
    with told:
        left, right = st.columns(2)
        left.metric(
            f"Logit of {FINDING}",
            f"{known[place]:+.3f}",
            f"{changes.get(place, 0.0):+.3f} by the letter",
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
        right.metric("Film taken again", f"± {usual:.3f}", border=True, height="stretch")
        st.plotly_chart(
            bars(changes, place, usual),
            config=PLAIN,
            key="lesson letters",
            alt="Change of the logit by place",
        )
        st.caption(
            f"Change of the calibrated logit of `{MODEL}` by the letter. Dotted: the median change when the "
            "film is shifted, turned, noisy or compressed. No network here was taught with a planted "
            "shortcut, so this is what a trained one does unasked."
        )


def bars(changes: dict[str, float], chosen: str, usual: float) -> go.Figure:
    figure = go.Figure(
        go.Bar(
            x=list(changes.values()),
            y=list(changes),
            orientation="h",
            marker={"color": [AMBER if place == chosen else BLUE for place in changes]},
            hovertemplate="%{y}: %{x:+.3f}<extra></extra>",
        )
    )
    for side in (-usual, usual):
        figure.add_vline(x=side, line={"color": GRAY, "width": 1.5, "dash": "dot"})
    laid_out(figure, "Change of the logit", "", 260)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    return figure


LESSON = Lesson(
    name="Shortcuts",
    title="Shortcuts: reading the letter, not the lung",
    text=(
        "Radiographers place a lead letter beside the patient, and hospitals use different ones. If the "
        "sicker patients come from one hospital, a network may learn its letter instead of the disease, "
        "and do well until it is used elsewhere. To find out, change what should not matter and watch the "
        "answer. A letter is no disease: the logit should move no more than when the same film is taken "
        "again."
    ),
    show=show,
    notice=(
        "Away from the lungs the letter moves the logit no more than taking the film again does: here it "
        "is no shortcut. On the lung it moves it more, where it also hides what lies under it."
    ),
    paper="Zech et al. 2018, doi:10.1371/journal.pmed.1002683; "
    "DeGrave et al. 2021, doi:10.1038/s42256-021-00338-7.",
)
