"""analyze: a radiograph in, a Case out. The page, the terminal and every other face call this alone."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from xray.errors import RefusedRadiograph
from xray.explain import METHODS, Method, explain
from xray.explain.registry import Progress, no_progress
from xray.models.classifier import Classifier
from xray.models.detector import detect, is_detector
from xray.models.ensemble import Ensemble
from xray.models.fallback import load_with_fallback
from xray.models.gate import judge
from xray.models.organ import BODY_REGION, organ
from xray.types import Case, Explanation, Radiograph


@dataclass(frozen=True)
class Request:
    """What to run: a registered model (by default the first) and an explanation method.

    finding: the one to explain with a method that takes many passes, by default the most likely; a method of
    one pass explains all; without a method the Case has no maps. threshold: one operating point for all
    findings in place of the model's own. anyway: also analyze a film that the input gate refuses.
    intervals: whether to ask how far an answer moves, which takes several times as long as the answer.
    """

    model_id: str | None = None
    method: str | None = "gradcam"
    finding: str | None = None
    threshold: float | None = None
    anyway: bool = False
    intervals: bool = True


def analyze(radiograph: Radiograph, request: Request | None = None, progress: Progress = no_progress) -> Case:
    """What the model says of one film and where it looked; tell hears how much of the map is made.

    Raises ModelUnavailable, InvalidRequest, and RefusedRadiograph where the input gate refuses the film.
    """
    request = request or Request()
    chosen = METHODS[request.method] if request.method else None
    model, fallback = load_with_fallback(request.model_id)
    gate = judge(radiograph, model.entry)
    if not gate.accepted and not request.anyway:
        raise RefusedRadiograph(f"{radiograph.name}: {gate.reason}", gate.hint)
    logits, explanations = _seen(model, radiograph, chosen, request.finding, progress)
    prediction = model.interpret(radiograph, logits, intervals=request.intervals)
    if request.threshold is not None:
        prediction = prediction.at_threshold(request.threshold)
    return Case(
        radiograph=radiograph,
        prediction=prediction,
        gate=gate,
        fallback=fallback,
        detections=detect(model.members[0], radiograph) if is_detector(model.entry) else None,
        organ=organ(radiograph, prediction.most_likely) if model.entry.task == BODY_REGION else "",
        explanations=explanations,
    )


def _seen(
    model: Classifier | Ensemble,
    radiograph: Radiograph,
    chosen: Method | None,
    finding: str | None,
    progress: Progress,
) -> tuple[Tensor, tuple[Explanation, ...]]:
    """Logits (1, K) and the maps that a method makes, if any."""
    if chosen is None:
        return model.logits(radiograph), ()
    findings = model.entry.findings
    if not chosen.explains_all:
        likely = findings[int(model.probabilities(model.logits(radiograph)).argmax())]
        findings = (model.entry.spelled(finding or likely),)
    return explain(model, radiograph, chosen, findings, progress)
