"""Detection thresholds: the contrast at which reader and model detect half of the inserted lesions."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from xray.learn.deck import MAX_SEED
from xray.learn.inserted import usable
from xray.learn.psychometric import Fit
from xray.learn.threshold import (
    BASES,
    LENGTHS,
    Answered,
    Session,
    answers_csv,
    answers_of_model,
    fit_of,
)
from xray.models.ensemble import load_model
from xray.ui.common.charts import PLAIN
from xray.ui.common.escaping import literal
from xray.ui.learn.inserted import Chosen, chosen_lesions
from xray.ui.learn.threshold_results import many_alarms, psychometric_chart, results_table, summary
from xray.ui.session import session
from xray.ui.viewer import viewer
from xray.whatif.lesion_place import MapPlace

HEIGHT = 520
HOW = (
    "Two interleaved staircases choose the contrasts: one becomes fainter after two detections in a row "
    "(70.7%), the other stronger after two misses in a row (29.3%; Levitt 1971). A quarter of the films has "
    "no lesion; answers to them are the false alarms. The curve is a logistic function of the contrast in "
    "octaves with a guess rate (from the films without a lesion) and a lapse rate of at most 6%, fitted by "
    "maximum likelihood; the threshold is corrected for both. Intervals (95%): parametric bootstrap, 400 "
    "resamples (Wichmann & Hill 2001); Wilson's for shares."
)


@dataclass(eq=False)
class Measurement:
    """A measurement in progress. Nothing of the model is computed before the last answer.

    Attributes:
        key: What was chosen, as text.
        chosen: Lesions, model and finding.
        session: The films.
        about: Where they come from.
        done: The reader's answers.
        model: The model's answers.
        places: Where its maps lie on the films whose lesion it reports.
        fits: The fitted functions, by observer.
    """

    key: tuple[str, ...]
    chosen: Chosen
    session: Session
    about: str
    done: list[Answered] = field(default_factory=list)
    model: list[Answered] = field(default_factory=list)
    places: list[MapPlace] = field(default_factory=list)
    fits: dict[str, Fit] = field(default_factory=dict)


def thresholds() -> None:
    """Show the measurement: the choice, then one film after another, then both curves. Raises XrayError."""
    running = session().threshold
    if running is None:
        start_panel()
    elif len(running.done) < running.session.films:
        film_panel(running)
    else:
        result_panel(running)


def start_panel() -> None:
    """Show the choice of lesions and films, and a button that starts. Raises XrayError."""
    st.markdown(
        "How faint may a lesion be for you to see it, and for the model? Lesions of known contrast are "
        "inserted into normal films; you answer yes or no. Afterwards the model answers the same films."
    )
    chosen = chosen_lesions()
    if chosen is None:
        return
    lengths, seeds, button = st.columns([2, 2, 5], vertical_alignment="bottom")
    films = lengths.selectbox(
        "Films", LENGTHS, 1, key="threshold films", help="More films give narrower intervals."
    )
    seed = seeds.number_input("Seed", 0, MAX_SEED, 1, key="threshold seed")
    if button.button("Start", type="primary", icon=":material/play_arrow:"):
        with st.spinner("Preparing the films …", show_time=True):
            normal = chosen.films(seed)
            bases = usable(normal, chosen.entry, BASES)
        made = Session(bases, chosen.design, films, seed)
        session().threshold = Measurement((*chosen.key, str(films), str(seed)), chosen, made, normal.about)
        st.rerun()
    st.caption(HOW)


def film_panel(running: Measurement) -> None:
    """Show the next film and both answers."""
    number = len(running.done)
    kind = running.chosen.design.kind
    film, _ = running.session.film(number, running.session.contrast(running.done))
    st.progress(number / running.session.films, f"Film {number + 1} of {running.session.films}")
    picture, controls = st.columns([5, 3], gap="medium")
    with picture:
        viewer(film, key="threshold film", height=HEIGHT)
    with controls:
        st.markdown(f"**Does this film show an inserted {literal(kind)}?**")
        for label, reported, icon in (("Yes", True, "visibility"), ("No", False, "visibility_off")):
            st.button(
                label,
                icon=f":material/{icon}:",
                width="stretch",
                key=f"threshold {label}",
                on_click=answer,
                args=(running, number, reported),
            )
        st.caption(
            "A quarter of the films has no lesion. If you are unsure, answer what is more likely. Results "
            "are shown after the last film."
        )
        st.button("Stop", type="tertiary", icon=":material/close:", on_click=forget, key="threshold stop")


def answer(running: Measurement, number: int, reported: bool) -> None:
    """Store an answer; a second one to the same film is ignored."""
    if len(running.done) == number:
        running.done = running.session.after(running.done, reported)


def forget() -> None:
    """End the measurement."""
    session().threshold = None


def result_panel(running: Measurement) -> None:
    """Let the model answer, and show both curves and the figures. Raises XrayError."""
    seed = running.session.seed
    if not running.model:
        status = st.empty()
        running.model, running.places = answers_of_model(
            running.session,
            load_model(running.chosen.entry.id),
            running.chosen.finding,
            lambda part: status.progress(part, "The model reads the films …"),
        )
        status.empty()
    observers = {"You": running.done, "Model": running.model}
    if not running.fits:
        with st.spinner("Fitting both curves …"):
            running.fits = {who: fit_of(done, seed) for who, done in observers.items()}
    kind = running.chosen.design.kind
    text = summary(running.fits, kind) + many_alarms(running.done)
    st.markdown(f"**{literal(text)}**")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.plotly_chart(
            psychometric_chart(running.fits, observers), config=PLAIN, alt=text, key="psychometric"
        )
        st.caption(
            "Points: share of answers “lesion” at a contrast; larger points are more films. Lines: fitted "
            "curves. Diamonds: thresholds with 95% intervals. Left: films without a lesion."
        )
    with right:
        st.table(results_table(running.fits, observers, running.places))
        st.caption(
            f"{literal(running.about)} {kind.capitalize()}, radius {running.chosen.design.size:.1%} of the "
            f"width. Model: {literal(running.chosen.entry.id)}, {literal(running.chosen.finding)} at its "
            "operating point."
        )
        again, download = st.columns(2)
        again.button("Measure again", icon=":material/replay:", width="stretch", on_click=forget)
        download.download_button(
            "Answers (CSV)",
            lambda: answers_csv({"reader": running.done, "model": running.model}),
            "thresholds.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
        )
    st.caption(HOW)
