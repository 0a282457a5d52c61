"""Boxes on the page: the film, sliders that never ask the network, a table, the reason for the chosen box."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import streamlit as st

from xray.errors import XrayError
from xray.io.boxes import boxes_csv, coco_json, yolo_text
from xray.io.encode import picture_png
from xray.models.detector import LOWEST_SCORE, OVERLAP, chosen, probability_of
from xray.models.figures import model_figures
from xray.models.registry import entry
from xray.render.boxes import boxes_png, crop
from xray.types import Case, Detections, Prediction, Radiograph
from xray.ui.analyze.view import described, what_to_know
from xray.ui.common.charts import confidence_bars, sentence
from xray.ui.common.pictures import film_picture
from xray.ui.common.text import literal
from xray.ui.fractures.box_reason import reason
from xray.ui.fractures.feedback import box_feedback
from xray.ui.viewer import Box, viewer

MOST_NEAR = 12  # near misses drawn at most


@st.fragment
def fractures(case: Case, others: list[Case]) -> None:
    """One film with its boxes; whatever is moved or chosen here, the network is asked for a map at most."""
    candidates = case.detections
    if candidates is None:
        return
    what_to_know(case)
    picture, controls = st.columns([5, 4], gap="medium")
    with controls:
        confidence, overlap, show_near = sliders(candidates)
        found = chosen(candidates, confidence, overlap)
        image_level(case, len(found), confidence)
        row = table(found)
    near = near_misses(candidates, confidence, overlap) if show_near else None
    with picture:
        st.markdown("**Radiograph**" + (" :gray-badge[simulated]" if case.radiograph.simulated else ""))
        viewer(case.radiograph, key="fractures", boxes=boxes_of(found, near), told=False)
        st.caption(described(case.radiograph))
    if row is not None:
        reason(case, found.among(np.array([row])), row + 1)
    box_feedback(case, found)
    asked = [(one.radiograph, one.detections) for one in others if one.detections is not None]
    downloads(case, found, [(film, chosen(some, confidence, overlap)) for film, some in asked])


def sliders(candidates: Detections) -> tuple[float, float, bool]:
    """Confidence, overlap, and whether near misses are shown."""
    confidence = st.slider(
        "Confidence",
        LOWEST_SCORE,
        1.0,
        max(LOWEST_SCORE, candidates.threshold),
        0.001,
        format="%.3f",
        help="Boxes from this score on are drawn; it starts at the model's operating point.",
        key=f"confidence:{candidates.model_id}",
    )
    overlap = st.slider(
        "Overlap",
        0.1,
        0.9,
        OVERLAP,
        0.05,
        help="Of two boxes that overlap more than this (intersection over union) the better one stays.",
        key="overlap",
    )
    show = st.toggle("Near misses", help="Also the best boxes below the confidence, drawn thin.", key="near")
    return confidence, overlap, show


def near_misses(candidates: Detections, confidence: float, overlap: float) -> Detections:
    """The best boxes below the confidence that do not overlap a drawn one."""
    every = chosen(candidates, LOWEST_SCORE, overlap)
    return every.among(np.flatnonzero(every.confidence < confidence)[:MOST_NEAR])


def boxes_of(found: Detections, near: Detections | None) -> list[Box]:
    """Numbered boxes with their scores, and near misses without."""
    numbered = zip(found.xyxy.tolist(), found.confidence.tolist(), strict=True)
    boxes = [Box(box, f"{number} · {score:.0%}") for number, (box, score) in enumerate(numbered, 1)]
    return boxes + [Box(box, kind="near") for box in (near.xyxy.tolist() if near else ())]


def image_level(case: Case, boxes: int, confidence: float) -> None:
    """The confidence bar of the film, and what no box does not mean."""
    said, finding = case.prediction, case.prediction.findings[0]
    st.plotly_chart(
        confidence_bars(said), config={"displayModeBar": False}, alt=sentence(said, finding), key="bars"
    )
    st.markdown(sentence(said, finding) + ".")
    if not boxes:
        none = f"No {finding.lower()} found at this operating point."
        st.info(f"{none} {found_of_all(said, confidence)}".strip(), icon=":material/search_off:")


def found_of_all(said: Prediction, confidence: float) -> str:
    """How many test films with the finding have a box from this confidence on, where there are figures."""
    try:
        model = entry(said.model_id)
        test = model_figures(model).test
    except XrayError:
        return ""
    if test is None:
        return ""
    finding = test.findings[said.findings[0]]
    reached = np.flatnonzero(np.array(finding.curve.thresholds) <= probability_of(model, confidence))
    if not len(reached):
        return ""
    curve, place = finding.curve, reached[-1]
    low, share, high = curve.sensitivity_low[place], curve.sensitivity[place], curve.sensitivity_high[place]
    films = f"on {finding.positives} test films with one"
    return f"Sensitivity here is {share:.0%} ({low:.0%} to {high:.0%}), {films}."


def table(found: Detections) -> int | None:
    """The boxes as rows; the index of the chosen one."""
    if not len(found):
        return None
    rows = {
        "Box": list(range(1, len(found) + 1)),
        "Score": found.confidence.tolist(),
        "Center": [
            f"{(left + right) / 2:.0f}, {(top + bottom) / 2:.0f}" for left, top, right, bottom in found.xyxy
        ],
        "Size (px)": [f"{right - left:.0f} × {bottom - top:.0f}" for left, top, right, bottom in found.xyxy],
    }
    st.caption("Choose a row to ask for the reason of its box.")
    event = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={"Score": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)},
        key=f"boxes:{found.model_id}",
    )
    chosen_rows = event.selection.rows
    return chosen_rows[0] if chosen_rows and chosen_rows[0] < len(found) else None


def downloads(case: Case, found: Detections, films: list[tuple[Radiograph, Detections]]) -> None:
    """Boxes of this film, and of all open films together."""
    stem = literal(case.radiograph.name.rsplit(".", 1)[0])

    def crops() -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for number, corners in enumerate(found.xyxy, 1):
                picture = film_picture(case.radiograph)[crop(case.radiograph.pixels, corners)]
                title = f"Box {number} of {found.model_id}"
                archive.writestr(f"{number}.png", picture_png(picture, title, case))
        return buffer.getvalue()

    files = (
        ("Film with boxes (PNG)", lambda: boxes_png(case, found), f"{stem}-boxes.png", "image/png"),
        ("Crops (ZIP)", crops, f"{stem}-crops.zip", "application/zip"),
        ("Boxes (YOLO)", lambda: yolo_text(case.radiograph, found), f"{stem}.txt", "text/plain"),
        ("All films (COCO)", lambda: coco_json(films), "boxes-coco.json", "application/json"),
        ("All films (CSV)", lambda: boxes_csv(films), "boxes.csv", "text/csv"),
    )
    with st.container(horizontal=True):
        for label, data, name, mime in files:
            st.download_button(
                label, data, name, mime, on_click="ignore", icon=":material/download:", key=label
            )
