"""The lesion lab: insert a lesion or remove one, and see answer, interval, map and verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from xray.imaging.lesions import LESIONS
from xray.learn.simulated import bounding_box
from xray.types import Case, Prediction
from xray.types.answer import percent
from xray.ui.common.cases import case_notices, chosen_finding
from xray.ui.common.charts import PLAIN
from xray.ui.common.escaping import literal
from xray.ui.common.messages import fragment
from xray.ui.viewer import Box, viewer
from xray.ui.whatif.charts import INSERTED, ORIGINAL, REMOVED, predictions_chart, value
from xray.ui.whatif.lesions.panels import actions, place_panel, surface_panel, verdict_panel
from xray.ui.whatif.lesions.state import (
    analyzed,
    change,
    lesion_of,
    place_at,
    widget,
    with_lesion,
)
from xray.ui.whatif.state import predicted, worked_on
from xray.whatif.lesion_lab import CONTRAST, FAINTEST, SIZE, Insertion, extent, removed
from xray.whatif.state import State

INSERT, REMOVE = "Insert a lesion", "Remove a lesion"
FINDING = "lesion finding"
HEIGHT = 440


@fragment
def lesion_lab(case: Case) -> None:
    """Show the lab below the thumbnails. A control reruns this fragment only. Raises XrayError."""
    case_notices(case)
    mode = st.segmented_control(
        "Lesion",
        [INSERT, REMOVE],
        default=INSERT,
        required=True,
        key="lesion mode",
        persist_state="session",
        label_visibility="collapsed",
    )
    if mode == REMOVE:
        removing(case)
    else:
        inserting(case)


def inserting(case: Case) -> None:
    """Insert a lesion, and show what the model makes of it."""
    insertion, film = lesion_of(case), worked_on(case)
    height, width = film.pixels.shape
    lesion = insertion.on((height, width))
    box = Box(bounding_box(lesion.region)[0].tolist(), insertion.kind, "truth")
    place, changed, answers = st.columns([4, 4, 5], gap="medium")
    with place:
        st.markdown("**Click the film to place the lesion**")
        viewer(
            film, key="lesion place", boxes=[box], on_place=lambda x, y: place_at(case, x, y), height=HEIGHT
        )
        controls(case, insertion, (height, width))
    with_it = with_lesion(case, insertion)
    with st.spinner("Computing predictions …"):
        now = analyzed(case, with_it)
    cases = {ORIGINAL: predicted(case, State()).prediction, INSERTED: now.prediction}
    with answers:
        chart, below = st.container(), st.container()
        with below:
            again = st.toggle(
                "Remove it again by inpainting",
                key="lesion remove again",
                persist_state="session",
                help="A counterfactual whose truth is known: the original film. What differs from the "
                "original prediction is the effect of inpainting.",
            )
        if again:
            cases[REMOVED] = analyzed(case, removed(with_it, extent(lesion))).prediction
        with chart:
            finding = predictions_panel(case, cases)
    with changed:
        map_panel(now, finding, [box])
        verdict_panel(now, finding, box)
    st.divider()
    left, right = st.columns(2, gap="medium")
    with left:
        surface_panel(case, insertion, finding)
    with right:
        place_panel(case, insertion, now, finding, lesion.region)
    actions(case, insertion, with_it, finding)


def controls(case: Case, insertion: Insertion, shape: tuple[int, int]) -> None:
    """Show kind, size, contrast, place and seed of the lesion."""
    shown = {
        "kind": insertion.kind,
        "size": round(100 * insertion.size, 1),
        "contrast": round(insertion.contrast, 2),
        "x": round(insertion.x),
        "y": round(insertion.y),
        "seed": insertion.seed,
    }
    for field, current in shown.items():
        st.session_state[widget(field)] = current

    def follows(field: str) -> dict[str, Any]:
        return {"key": widget(field), "on_change": change, "args": (case, field)}

    kind, seed = st.columns([2, 1])
    kind.selectbox("Kind", list(LESIONS), format_func=str.capitalize, **follows("kind"))
    seed.number_input("Shape", 0, 9999, help="Seed of outline and texture.", **follows("seed"))
    size, contrast = st.columns(2)
    low, high = SIZE
    size.slider(
        "Radius",
        100 * low,
        100 * high,
        step=0.5,
        format="%g%%",
        help="Of the film's width; for an effusion its height.",
        **follows("size"),
    )
    contrast.slider(
        "Contrast",
        FAINTEST,
        CONTRAST[1],
        step=0.05,
        format="%g",
        help="Highest optical density; 0.7 halves the transmission.",
        **follows("contrast"),
    )
    height, width = shape
    x, y = st.columns(2)
    x.number_input("x (px)", 0, width, **follows("x"))
    y.number_input("y (px)", 0, height, **follows("y"))


def map_panel(case: Case, finding: str, boxes: list[Box]) -> None:
    """Show a changed film with the map of a finding."""
    simulated = " :gray-badge[simulated]" if case.radiograph.simulated else ""
    st.markdown(f"**The changed film with its map**{simulated}")
    explanation = case.explanation(finding)
    peak = [Box(explanation.peak * 2, kind="peak")] if explanation.has_positive_evidence else []
    viewer(
        case.radiograph, key="lesion map", case=case, finding=finding, boxes=[*boxes, *peak], height=HEIGHT
    )
    cross = "Cross: maximum of the Grad-CAM." if peak else "The Grad-CAM has no positive evidence."
    muted = "" if case.prediction.at_operating_point(finding) else " Below the operating point it is muted."
    st.caption(cross + muted)


def predictions_panel(case: Case, predictions: dict[str, Prediction]) -> str:
    """Show every finding before and after, with intervals; return the chosen finding."""
    st.markdown("**Model predictions**", help="With intervals; the white line marks the operating point.")
    finding = chosen_finding(case, FINDING)
    description = sentence(predictions, finding)
    st.plotly_chart(predictions_chart(predictions), config=PLAIN, alt=description, key="lesion predictions")
    st.markdown(literal(description))
    return finding


def sentence(predictions: dict[str, Prediction], finding: str) -> str:
    """State the values of a finding before and after, and the side of the operating point at the end."""
    values = ", ".join(f"{name.lower()} {value(one, finding)}" for name, one in predictions.items())
    first, last = predictions[ORIGINAL], list(predictions.values())[-1]
    point = percent(last.thresholds[last.findings.index(finding)])
    is_changed = first.side(finding) != last.side(finding)
    become = "is" if len(predictions) == 1 else "is now" if is_changed else "stays"
    return f"{finding}: {values}. It {become} {last.side(finding)} its operating point of {point}."


def removing(case: Case) -> None:
    """Inpaint regions that the user marks, and show what the prediction becomes."""
    film = worked_on(case)
    place, changed, answers = st.columns([4, 4, 5], gap="medium")
    with place:
        st.markdown("**Mark the lesion to remove it**")
        regions = viewer(
            film, key="lesion removal", tools=("ellipse", "rectangle", "brush"), height=HEIGHT
        ).regions
        st.caption(
            "The region is filled from its surroundings (Navier-Stokes inpainting). Ribs and vessels "
            "behind it are not restored, which can also change the prediction."
        )
    predictions = {ORIGINAL: predicted(case, State()).prediction}
    height, width = film.pixels.shape
    mask = np.zeros((height, width), bool)
    for region in regions:
        mask |= region.mask((height, width))
    now = None
    if mask.any():
        with st.spinner("Computing predictions …"):
            now = analyzed(case, removed(film, mask))
        predictions[REMOVED] = now.prediction
    with answers:
        finding = predictions_panel(case, predictions)
    with changed:
        if now is None:
            st.info("Mark a region on the film.", icon=":material/ink_eraser:")
        else:
            map_panel(now, finding, [])
