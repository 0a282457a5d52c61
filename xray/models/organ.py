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
    """Bone for limbs and joints, brain for a head CT slice; a chest is heart where the findings model puts
    cardiomegaly at or above its operating point, else lungs. Empty for what is no X-ray.
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
