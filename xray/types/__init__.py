"""Frozen dataclasses passed between packages: Radiograph, Prediction, Explanation, Case and others."""

from xray.types.answer import Answer, answer_of
from xray.types.arrays import Mask, Pixels
from xray.types.case import Case
from xray.types.explanation import Check, Explanation, MapFile, MapVerdict, Support, Verdict
from xray.types.lungs import BETWEEN, ELSEWHERE, OUTSIDE, REGIONS, ZONES, Lungs
from xray.types.prediction import Detections, Prediction
from xray.types.radiograph import Color, GateKind, GateResult, Radiograph

__all__ = [
    "BETWEEN",
    "ELSEWHERE",
    "OUTSIDE",
    "REGIONS",
    "ZONES",
    "Answer",
    "Case",
    "Check",
    "Color",
    "Detections",
    "Explanation",
    "GateKind",
    "GateResult",
    "Lungs",
    "MapFile",
    "MapVerdict",
    "Mask",
    "Pixels",
    "Prediction",
    "Radiograph",
    "Support",
    "Verdict",
    "answer_of",
]
