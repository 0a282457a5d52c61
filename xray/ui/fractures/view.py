"""The Fractures page: the film with its boxes, sliders, a table, and the evidence for the chosen box."""

from __future__ import annotations

import io
import zipfile
from functools import partial

import numpy as np
import streamlit as st

from xray.errors import XrayError
from xray.io.boxes import boxes_csv, coco_json, yolo_text
from xray.io.encode import picture_png
from xray.models.detector import LOWEST_SCORE, OVERLAP, chosen, probability_of
from xray.models.figures import model_figures
from xray.models.registry import entry
from xray.render.boxes import boxes_png, crop
from xray.render.overlay import windowed
from xray.types import Case, Detections, Prediction, Radiograph
from xray.types.answer import percent
from xray.ui.common.answer import show_answer
from xray.ui.common.cases import case_notices
from xray.ui.common.charts import PLAIN
from xray.ui.common.confidence import confidence_bars, sentence
from xray.ui.common.downloads import File, download_menu
from xray.ui.common.escaping import literal
from xray.ui.common.films import film_facts
from xray.ui.common.messages import fragment
from xray.ui.common.waiting import COLUMNS
from xray.ui.fractures.box_reason import reason
from xray.ui.fractures.feedback import box_feedback
from xray.ui.viewer import Box, viewer

MAX_NEAR = 12  # near misses shown at most


@fragment
def fractures(case: Case, others: list[Case]) -> None:
    """Show one film with its boxes. The controls do not rerun the detector; a chosen box computes a map."""
    candidates = case.detections
    if candidates is None:
        return
    left, right = st.columns(COLUMNS, gap="small")
    film, panel = left.container(key="film", gap="xsmall"), right.container(key="panel", gap="small")
    with panel:
        statement = st.container(gap="xsmall")
        confidence, overlap, show_near = sliders(candidates)
        found = chosen(candidates, confidence, overlap)
        with statement:
            image_level(case, len(found), confidence)
        number = chosen_box(case, found)
        table(found)
        detected = [(other.radiograph, other.detections) for other in others if other.detections is not None]
        downloads(case, found, [(film, chosen(boxes, confidence, overlap)) for film, boxes in detected])
    near = near_misses(candidates, confidence, overlap) if show_near else None
    with film:
        viewer(
            case.radiograph,
            key="fractures",
            boxes=boxes_of(found, near, number),
            on_box=partial(choose_box, case),
            height=None,
        )
    st.caption(film_facts(case.radiograph))
    if number is not None:
        reason(case, found.among(np.array([number - 1])), number)
    box_feedback(case, chosen(candidates, max(confidence, candidates.threshold), overlap))


def sliders(candidates: Detections) -> tuple[float, float, bool]:
    """The chosen confidence and overlap, and whether near misses are shown."""
    confidence = st.slider(
        "Confidence",
        LOWEST_SCORE,
        1.0,
        max(LOWEST_SCORE, candidates.threshold),
        0.001,
        format="%.3f",
        help="Boxes with at least this score are shown. The initial value is the model's operating point.",
        key=f"confidence:{candidates.model_id}",
        persist_state="session",
    )
    overlap = st.slider(
        "Overlap",
        0.1,
        0.9,
        OVERLAP,
        0.05,
        help="Of two boxes whose intersection over union exceeds this value, the one with the higher score "
        "is kept.",
        key="overlap",
        persist_state="session",
    )
    show = st.toggle(
        "Near misses",
        help="Also show the best boxes below the confidence, as thin lines.",
        key="near",
        persist_state="session",
    )
    return confidence, overlap, show


def near_misses(candidates: Detections, confidence: float, overlap: float) -> Detections:
    """The best boxes below the confidence that do not overlap a shown box."""
    every = chosen(candidates, LOWEST_SCORE, overlap)
    return every.among(np.flatnonzero(every.confidence < confidence)[:MAX_NEAR])


def boxes_of(found: Detections, near: Detections | None, chosen_number: int | None = None) -> list[Box]:
    """Numbered boxes with their scores, and near misses without."""
    numbered = zip(found.xyxy.tolist(), found.confidence.tolist(), strict=True)
    boxes = [
        Box(box, f"{number} · {score:.3f}", chosen=number == chosen_number)
        for number, (box, score) in enumerate(numbered, 1)
    ]
    return boxes + [Box(box, kind="near") for box in (near.xyxy.tolist() if near else ())]


def image_level(case: Case, boxes: int, confidence: float) -> None:
    """Show the answer and the confidence bar of the film; without boxes, state the sensitivity."""
    prediction, finding = case.prediction, case.prediction.findings[0]
    show_answer(case.answer, simulated=case.radiograph.simulated)
    case_notices(case)
    st.plotly_chart(
        confidence_bars(prediction),
        config=PLAIN,
        alt=sentence(prediction, finding),
        key="bars",
    )
    st.markdown(literal(score_and_probability(case, confidence)))
    if not boxes:
        none = f"No {literal(finding.lower())} box has a score of {confidence:.3f} or more."
        st.info(f"{none} {sensitivity_at(prediction, confidence)}".strip(), icon=":material/search_off:")


def score_and_probability(case: Case, confidence: float) -> str:
    """Relate the scores of the boxes, the slider, the probability of the film and the operating point."""
    prediction, candidates = case.prediction, case.detections
    highest = float(candidates.confidence.max()) if candidates is not None and len(candidates) else 0.0
    point = percent(prediction.thresholds[0])
    try:
        at_slider = f" (a probability of {percent(probability_of(entry(prediction.model_id), confidence))})"
    except XrayError:
        at_slider = ""
    return (
        f"Each box has a score. The highest, {highest:.3f}, calibrated on films with known results, is the "
        f"probability of {percent(prediction.probabilities[0])}. The film is called from the operating point "
        f"of {point}. The slider, which starts there, shows boxes from a score of {confidence:.3f}"
        f"{at_slider}."
    )


def sensitivity_at(prediction: Prediction, confidence: float) -> str:
    """The sensitivity on the test films at a confidence, as a sentence; empty without figures."""
    try:
        model = entry(prediction.model_id)
        test = model_figures(model).test
    except XrayError:
        return ""
    if test is None:
        return ""
    finding = test.findings[prediction.findings[0]]
    reached = np.flatnonzero(np.array(finding.curve.thresholds) <= probability_of(model, confidence))
    if not len(reached):
        return ""
    curve, index = finding.curve, reached[-1]
    low, share, high = curve.sensitivity_low[index], curve.sensitivity[index], curve.sensitivity_high[index]
    films = f"on {finding.positives} test films with a fracture"
    return f"Sensitivity here is {share:.0%} ({low:.0%} to {high:.0%}), {films}."


def chosen_box(case: Case, found: Detections) -> int | None:
    """Return the number of the box that is explained, chosen here or by a click on the film."""
    numbers, key = list(range(1, len(found) + 1)), box_key(case)
    if not numbers:
        return None
    if st.session_state.get(key) not in numbers:
        st.session_state[key] = None
    number: int | None = st.pills(
        "Explain a box: click it on the film, or choose its number", numbers, key=key
    )
    return number


def choose_box(case: Case, index: int) -> None:
    """Choose the box with an index among the shown ones."""
    st.session_state[box_key(case)] = index + 1


def box_key(case: Case) -> str:
    """Key of the choice of a box."""
    return f"box:{case.prediction.model_id}:{case.radiograph.sha256}"


def table(found: Detections) -> None:
    """Show the boxes as rows."""
    if not len(found):
        return
    rows = {
        "Box": list(range(1, len(found) + 1)),
        "Score": found.confidence.tolist(),
        "Center": [
            f"{(left + right) / 2:.0f}, {(top + bottom) / 2:.0f}" for left, top, right, bottom in found.xyxy
        ],
        "Size (px)": [f"{right - left:.0f} × {bottom - top:.0f}" for left, top, right, bottom in found.xyxy],
    }
    st.dataframe(
        rows,
        hide_index=True,
        column_config={"Score": st.column_config.ProgressColumn(format="%.3f", min_value=0, max_value=1)},
        key=f"boxes:{found.model_id}",
    )


def downloads(case: Case, found: Detections, films: list[tuple[Radiograph, Detections]]) -> None:
    """Offer the boxes of this film and of all open films."""
    stem = literal(case.radiograph.name.rsplit(".", 1)[0])

    def crops() -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for number, corners in enumerate(found.xyxy, 1):
                picture = windowed(case.radiograph.pixels)[crop(case.radiograph.pixels, corners)]
                title = f"Box {number} of {found.model_id}"
                archive.writestr(f"{number}.png", picture_png(picture, title, case))
        return buffer.getvalue()

    files: tuple[File, ...] = (
        ("Film with boxes (PNG)", lambda: boxes_png(case, found), f"{stem}-boxes.png", "image/png"),
        ("Crops (ZIP)", crops, f"{stem}-crops.zip", "application/zip"),
        ("Boxes (YOLO)", lambda: yolo_text(case.radiograph, found), f"{stem}.txt", "text/plain"),
        ("All films (COCO)", lambda: coco_json(films), "boxes-coco.json", "application/json"),
        ("All films (CSV)", lambda: boxes_csv(films), "boxes.csv", "text/csv"),
    )
    download_menu(files)
