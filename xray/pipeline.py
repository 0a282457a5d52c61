"""The analysis of a radiograph, shared by pages, command line, API and cohorts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor

from xray.errors import RefusedRadiograph
from xray.explain import METHODS, Method, explain, external_explanation
from xray.explain.registry import Progress, no_progress
from xray.models.classifier import Classifier
from xray.models.detector import detect, is_detector
from xray.models.ensemble import Ensemble, model_of
from xray.models.fallback import load_with_fallback
from xray.models.gate import check_input
from xray.models.lungs import find_lungs, shows_lungs
from xray.models.organ import BODY_REGION, organ
from xray.types import Case, Explanation, MapFile, Pixels, Prediction, Radiograph, answer_of


@dataclass(frozen=True)
class Request:
    """Options of an analysis.

    Attributes:
        model_id: A registered model; by default the first.
        method: An explanation method; None for a Case without maps.
        finding: The finding to explain with a method that takes many passes; by default that of the answer.
            Methods of one pass explain all findings.
        threshold: Operating point of all findings, in [0, 1]; by default those of the model.
        anyway: Whether to analyze a film that the input gate refuses.
        intervals: Whether to compute intervals, which takes several times as long as the prediction.
    """

    model_id: str | None = None
    method: str | None = "gradcam"
    finding: str | None = None
    threshold: float | None = None
    anyway: bool = False
    intervals: bool = True


def analyze(radiograph: Radiograph, request: Request | None = None, progress: Progress = no_progress) -> Case:
    """Check, classify and explain a radiograph.

    Args:
        radiograph: The film.
        request: Options; by default the first model and Grad-CAM.
        progress: Receives the share of the explanation that is done, in [0, 1].

    Returns:
        The Case, with the reason if another model replaces the requested one.

    Raises:
        ModelUnavailable: No model can be loaded.
        InvalidRequest: The method, or its combination with model or finding, does not exist.
        RefusedRadiograph: The input gate refuses the film and `anyway` is not set.
    """
    request = request or Request()
    method = METHODS[request.method] if request.method else None
    model, fallback = load_with_fallback(request.model_id)
    gate = check_input(radiograph, model.entry)
    if not gate.accepted and not request.anyway:
        raise RefusedRadiograph(
            f"{radiograph.name}: {gate.reason}",
            gate.hint,
            reason=gate.reason,
            kind=gate.kind,
            model_id=model.entry.id,
            weights_sha256=model.entry.sha256,
            familiarity=gate.familiarity,
            familiar_region=gate.familiar_region,
        )
    logits, explanations = _explained(model, radiograph, method, request, progress)
    prediction = _predicted(model, radiograph, logits, request)
    return Case(
        radiograph=radiograph,
        prediction=prediction,
        gate=gate,
        fallback=fallback,
        detections=detect(model.members[0], radiograph) if is_detector(model.entry) else None,
        organ=organ(radiograph, prediction.most_likely) if model.entry.task == BODY_REGION else "",
        explanations=explanations,
        lungs=find_lungs(radiograph) if explanations and shows_lungs(model.entry) else None,
    )


def with_external_map(case: Case, values: Pixels, file: MapFile, finding: str) -> Case:
    """Replace the maps of a Case by one from a file, which explains a finding of its model.

    Args:
        case: The Case.
        values: The map (see io.map_files.read_map).
        file: The facts about its file.
        finding: The finding, in any spelling.

    Raises:
        UnusableMap: The map does not fit the film.
        InvalidRequest: The model does not report the finding.
        ModelUnavailable: The model is not available with the weights that made the prediction.
    """
    model, film = model_of(case.prediction), case.radiograph
    explanation = external_explanation(model, film, model.entry.spelled(finding), values, file)
    lungs = case.lungs or (find_lungs(film) if shows_lungs(model.entry) else None)
    return replace(case, explanations=(explanation,), lungs=lungs)


def _predicted(
    model: Classifier | Ensemble, radiograph: Radiograph, logits: Tensor, request: Request
) -> Prediction:
    """Make a prediction from logits (1, K) with the operating points and intervals of a request."""
    prediction = model.interpret(radiograph, logits, intervals=request.intervals)
    return prediction if request.threshold is None else prediction.at_threshold(request.threshold)


def _explained(
    model: Classifier | Ensemble,
    radiograph: Radiograph,
    method: Method | None,
    request: Request,
    progress: Progress,
) -> tuple[Tensor, tuple[Explanation, ...]]:
    """Return logits (1, K) and the explanations by a method, if any."""
    if method is None:
        return model.logits(radiograph), ()
    findings = model.entry.findings
    if not method.explains_all:
        finding = request.finding
        if finding is None:
            quick = replace(request, intervals=False)
            prediction = _predicted(model, radiograph, model.logits(radiograph), quick)
            finding = answer_of(prediction).finding
        findings = (model.entry.spelled(finding),)
    return explain(model, radiograph, method, findings, progress)
