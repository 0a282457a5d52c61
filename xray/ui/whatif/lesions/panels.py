"""Panels of the lesion lab: verdict, response surface, where the maps lie, and what to do with the film."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

import streamlit as st

from xray.evidence import verdict_of
from xray.types import Case, Radiograph
from xray.types.answer import percent
from xray.ui.common.charts import PLAIN
from xray.ui.common.checks import checked
from xray.ui.common.escaping import literal
from xray.ui.common.open_in_analyze import open_button
from xray.ui.common.verdict import verdict_line
from xray.ui.session import KEPT, session
from xray.ui.viewer import Box
from xray.ui.whatif.lesions.charts import place_chart, place_sentence, surface_chart
from xray.ui.whatif.lesions.state import (
    has_places,
    has_surface,
    places_of,
    send_to_learn,
    surface_of,
)
from xray.whatif.lesion_lab import CONTRASTS, SIZES, Insertion, smallest_crossing
from xray.whatif.lesion_place import PLACES, Mask, map_place
from xray.wording import counted


def verdict_panel(case: Case, finding: str, box: Box) -> None:
    """Show the verdict on the map on request, with the lesion as the marked region."""
    if not st.toggle(
        "Check the map",
        key="lesion verdict",
        persist_state="session",
        help="Runs the checks after each change, with the lesion as the marked region. This takes 10 to 20 "
        "seconds.",
    ):
        return
    explanation = case.explanation(finding)
    left, top, right, bottom = box.box
    checks = list(checked(case, explanation, ((left, top, right, bottom),)))
    st.markdown(verdict_line(verdict_of(explanation, checks)))


def surface_panel(case: Case, insertion: Insertion, finding: str) -> None:
    """Show the response over size and contrast, computed on request."""
    st.markdown("**Response over size and contrast**")
    requested = has_surface(case, insertion)
    if not requested:
        requested = st.button("Compute the surface", icon=":material/grid_on:", key="lesion surface")
        if not requested:
            st.caption(
                f"{SIZES} sizes and {CONTRASTS} contrasts of this lesion at this place: "
                f"{SIZES * CONTRASTS + 1} passes through the network."
            )
            return
    status = st.empty()
    found = surface_of(case, insertion, lambda part: status.progress(part, "Computing the surface …"))
    status.empty()
    index = case.prediction.findings.index(finding)
    point = float(case.prediction.thresholds[index])
    crossings = smallest_crossing(found, index, point)
    reached = [
        f"{100 * size:.1f}%: {contrast:.2f}"
        for size, contrast in zip(found.sizes.tolist(), crossings, strict=True)
        if contrast is not None
    ]
    description = (
        f"{finding} without the lesion: {percent(found.without[index])}. Lowest contrast that crosses the "
        f"operating point of {percent(point)}, by radius: {', '.join(reached) or 'none in this range'}."
    )
    st.plotly_chart(
        surface_chart(found, insertion, case.prediction, finding),
        config=PLAIN,
        alt=description,
        key="lesion surface chart",
    )
    st.caption(f"{literal(description)} White line: operating point. Cross: the lesion on the film.")


def place_panel(case: Case, insertion: Insertion, now: Case, finding: str, region: Mask) -> None:
    """Show whether the map lies in the lesion, here and at other places, computed on request."""
    st.markdown("**Is the map where the lesion is?**")
    requested = has_places(case, insertion, finding)
    if not requested:
        requested = st.button("Compare the maps", icon=":material/my_location:", key="lesion places")
        if not requested:
            st.caption(
                f"Inserts a lesion of this kind, size and contrast at {PLACES} places, drawn from the lungs "
                "(or from the body if they are undetermined), and compares Grad-CAM with each."
            )
            return
    status = st.empty()
    places = places_of(case, insertion, finding, lambda part: status.progress(part, "Comparing the maps …"))
    status.empty()
    here = map_place(now.explanation(finding), region)
    description = place_sentence(places, here)
    st.plotly_chart(place_chart(places, here), config=PLAIN, alt=description, key="lesion places chart")
    st.caption(literal(description))


def actions(case: Case, insertion: Insertion, film: Radiograph, finding: str) -> None:
    """Offer to send the film to the Learn page as a card, or to open it on the Analyze page."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if st.button(
            "Send to Learn as a card",
            icon=":material/school:",
            key="lesion card",
            help="The Learn page then offers the deck Cards: your films with their lesions, and each film "
            "once without.",
        ):
            send_to_learn(case, insertion, finding)
        name = PurePath(film.name)
        opened = replace(film, name=f"{name.stem}-lesion{name.suffix}")
        key = f"{KEPT}lesion:{film.sha256}"
        open_button(opened, key, case.prediction.model_id, finding, name="lesion")
        if count := len(session().cards):
            st.caption(f"{counted(count, 'card')} on the Learn page, deck Cards.")
