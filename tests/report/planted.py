"""Cases with known figures, made without a network: a chest, and a bone with one box."""

from dataclasses import replace

import numpy as np

from tests.lungs import planted_lungs
from xray.geometry import Affine
from xray.models.registry import entry
from xray.types import Case, Check, Detections, Explanation, GateResult, Prediction, Radiograph

ACCEPTED = GateResult(True, "", "", "accepted")
SIDE = 300  # of a film, in pixels; maps are 3 x 3
# probability, interval, operating point, from which probability present and absent stay possible
CHEST = {
    "Mass": (0.952, (0.931, 0.967), 0.060, 0.05, 0.5),
    "Pneumonia": (0.847, (0.792, 0.891), 0.315, 0.05, 0.5),
    "Infiltration": (0.412, (0.341, 0.487), 0.242, 0.05, 0.5),
    "Edema": (0.048, (0.032, 0.072), 0.107, 0.04, 0.5),
    "Effusion": (0.031, (0.021, 0.046), 0.147, 0.05, 0.5),
}
ADULT = {
    "Normal": (0.714, (0.598, 0.826), 0.808, 0.3, 0.85),
    "Pneumonia": (0.286, (0.174, 0.402), 0.192, 0.15, 0.7),
}
QUIET_CHEST = {
    "No Finding": (0.624, (0.55, 0.693), 0.71, 0.08, 0.9),
    "Infiltration": (0.119, (0.087, 0.161), 0.145, 0.06, 0.6),
    "Effusion": (0.064, (0.041, 0.098), 0.068, 0.05, 0.5),
}
QUIET = (0.011, (0.005, 0.019), 0.053, 0.05, 0.5)
PEAKS = {"Pneumonia": (0, 0), "Mass": (2, 2), "Edema": (1, 1)}  # row and column of the map's highest cell


def film(name: str = "Doe^Jane-19700101.png") -> Radiograph:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    return Radiograph((rows + columns) / (2 * SIDE), name, view="PA")


def prediction(model_id: str, values: dict) -> Prediction:
    model = entry(model_id)
    rows = [values.get(finding, QUIET) for finding in model.findings]
    columns = [np.array(one, np.float32) for one in zip(*rows, strict=True)]
    probabilities, intervals, thresholds, present, absent = columns
    logits = np.log(probabilities / (1 - probabilities))
    return Prediction(
        model_id, "ab" * 32, model.findings, logits, probabilities, thresholds, intervals, present, absent
    )


def raw_map(finding: str) -> Explanation:
    values = np.full((3, 3), -0.5, np.float32)
    if finding in PEAKS:
        values[PEAKS[finding]] = 2.0
    return Explanation(
        "gradcam", "layer", finding, values, Affine.scale(100.0, 100.0), (SIDE, SIDE), "planted", "ab" * 32
    )


def chest(**changes) -> Case:
    said = prediction("findings-cnn", CHEST)
    maps = tuple(raw_map(finding) for finding in said.findings)
    return Case(
        **{"radiograph": film(), "prediction": said, "explanations": maps, "gate": ACCEPTED} | changes
    )


def bone(boxes: int = 1) -> Case:
    said = prediction("fracture-yolov8n", {"Fracture": (0.844, (0.044, 0.998), 0.632, 0.05, 0.5)})
    xyxy = np.array([[210, 20, 260, 80], [10, 10, 20, 20]], np.float32)
    scores = np.array([0.33, 0.02], np.float32)
    found = Detections(
        "fracture-yolov8n",
        ("Fracture",),
        xyxy,
        scores if boxes else scores / 100,
        np.zeros(2, np.int64),
        np.arange(2),
        0.148,
    )
    return Case(film(), said, (raw_map("Fracture"),), ACCEPTED, detections=found)


def quiet_chest() -> Case:
    """A film without a call, which the gate finds unusual."""
    said = prediction("findings-mobilenet", QUIET_CHEST)
    gate = replace(ACCEPTED, familiarity=0.03, familiar_region="chest")
    return Case(film(), said, tuple(raw_map(finding) for finding in said.findings), gate)


def adult() -> Case:
    """A film with an uncertain call and a map with its highest value in a lung."""
    values = np.full((6, 6), -0.2, np.float32)
    values[3, 1] = 1.5
    pneumonia = Explanation(
        "gradcam", "layer", "Pneumonia", values, Affine.scale(50.0, 50.0), (SIDE, SIDE), "planted", "ab" * 32
    )
    gate = replace(ACCEPTED, familiarity=0.62, familiar_region="chest")
    said = prediction("pneumonia-mobilenet", ADULT)
    lungs = planted_lungs((SIDE, SIDE))
    return Case(film(), said, (pneumonia,), gate, lungs=lungs)


def checks() -> tuple[Check, ...]:
    """Of the map of Pneumonia."""
    nan = float("nan")
    return (
        Check(
            "deletion",
            0.42,
            0.28,
            0.31,
            "passed",
            "Hiding pixels in the order of the map lowers the logit by 0.42 on average; in a random order "
            "by 0.28, from the center outward by 0.31.",
            0.4,
        ),
        Check(
            "randomization",
            0.63,
            0.02,
            0.35,
            "failed",
            "The map of the same network that has forgotten all has a rank correlation of 0.63 with this "
            "one; a map that ignores the model, as an edge detector's, has 0.35.",
            0.6,
        ),
        Check("location", nan, nan, nan, "cannot be judged", "The finding is not marked.", 0.0),
    )


def adult_checks() -> tuple[Check, ...]:
    """Of the map of Pneumonia of an adult."""
    return (
        Check(
            "deletion",
            0.11,
            0.20,
            0.15,
            "failed",
            "Hiding pixels in the order of the map lowers the logit by 0.11 on average; in a random order "
            "by 0.20, from the center outward by 0.15.",
            0.2,
        ),
        Check(
            "stability",
            0.93,
            0.5,
            0.5,
            "passed",
            "The maps of slightly changed films have a rank correlation of 0.93 with this one; maps of other "
            "films have 0.50.",
            0.8,
        ),
    )
