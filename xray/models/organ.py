"""A body region as one of the four organs of an earlier system: bone, brain, heart or lungs."""

from __future__ import annotations

from xray.errors import ModelUnavailable
from xray.models.classifier import load_classifier
from xray.types import Radiograph

BODY_REGION = "body region"  # the task whose answers have an organ
FINDINGS_MODEL = "findings-densenet121"
ENLARGED_HEART = "Cardiomegaly"
BONES = ("hand", "upper limb", "lower limb", "hip and pelvis", "shoulder")


def organ(radiograph: Radiograph, region: str) -> str:
    """The organ of a body region.

    Returns:
        bone for limbs and joints, brain for a head CT slice; for a chest, heart if the findings model reports
        cardiomegaly at its operating point, otherwise lungs. Empty for other regions.
    """
    if region in BONES:
        return "bone"
    if region == "head CT slice":
        return "brain"
    if region != "chest":
        return ""
    try:
        findings = load_classifier(FINDINGS_MODEL)
    except ModelUnavailable:
        return "heart or lungs"
    index = findings.entry.findings.index(ENLARGED_HEART)
    probability = float(findings.probabilities(findings.logits(radiograph))[0, index])
    return "heart" if probability >= findings.entry.thresholds[index] else "lungs"
