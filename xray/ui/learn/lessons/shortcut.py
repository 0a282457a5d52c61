"""Shortcut learning: the effect of a lead letter on the logit, by its position."""

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
from xray.ui.common.charts import AMBER, BLUE, GRAY, PLAIN, laid_out
from xray.ui.learn.lessons.lesson import Lesson, chest

MODEL, FINDING = "pneumonia-mobilenet", "Pneumonia"


@cache
def logits() -> dict[str, float]:
    """Compute the calibrated logit with the letter at each position."""
    model = load_model(MODEL)
    index, film = model.entry.findings.index(FINDING), chest().radiograph
    films = {place: lettered(film, place) for place in PLACES}
    return {
        place: float(logit(model.predict(changed, intervals=False).probabilities[index]))
        for place, changed in films.items()
    }


@cache
def usual_change() -> float:
    """Compute the median change of the logit under small changes of the film (evidence.shortcut)."""
    return sensitivity(FilmContext.of(load_model(MODEL), chest().radiograph, FINDING))


def show() -> None:
    """Show the film with the letter at a chosen position, and the logit at every position."""
    place = st.segmented_control(
        "Letter", list(PLACES), default="upper right", required=True, key="lesson letter"
    )
    with st.spinner("Computing logits …"):
        values, usual = logits(), usual_change()
    changes = {name: values[name] - values["no letter"] for name in PLACES if PLACES[name]}
    film, result = st.columns([2, 3], gap="medium")
    film.image(windowed(lettered(chest().radiograph, place).pixels), width="stretch", alt=f"Film: {place}")
    with result:
        left, right = st.columns(2)
        left.metric(
            f"Logit of {FINDING}",
            f"{values[place]:+.3f}",
            f"{changes.get(place, 0.0):+.3f} by the letter",
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
        right.metric("Small changes", f"± {usual:.3f}", border=True, height="stretch")
        st.plotly_chart(
            bars(changes, place, usual),
            config=PLAIN,
            key="lesson letters",
            alt="Change of the logit by place",
        )
        st.caption(
            f"Change of the calibrated logit of `{MODEL}` by the letter. Dotted: median change under small "
            "shifts, rotations, noise and compression of the film. The network was not trained with an "
            "artificial shortcut."
        )


def bars(changes: dict[str, float], chosen: str, usual: float) -> go.Figure:
    """Draw the change of the logit by position, and the usual change as dotted lines."""
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
    title="Shortcut learning",
    text=(
        "Radiographers place a lead letter beside the patient, and hospitals use different letters. If one "
        "hospital has sicker patients, a network can learn its letter instead of the disease; it then fails "
        "in other hospitals. To detect this, change something that should not matter and compare the "
        "predictions. A letter should not change the logit more than small changes of the film do."
    ),
    show=show,
    notice=(
        "Outside the lungs the letter changes the logit no more than small changes of the film do: it is not "
        "a shortcut here. On the lung the change is larger, because the letter also covers tissue."
    ),
    paper="Zech et al. 2018, doi:10.1371/journal.pmed.1002683; "
    "DeGrave et al. 2021, doi:10.1038/s42256-021-00338-7.",
)
