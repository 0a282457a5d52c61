"""A Case as numbered facts: everything that a report may state, as values by role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xray.evidence import CHECKS, verdict_of
from xray.explain import method_of
from xray.models.conformal import COVERAGE
from xray.models.detector import chosen
from xray.models.organ import BODY_REGION
from xray.models.registry import ModelEntry, entries, entry
from xray.report.image_regions import region
from xray.report.requested import names
from xray.report.sentences import TEMPLATES, render
from xray.report.types import Fact, Value
from xray.types import Case, Check, Prediction

HEALTHY = ("Normal", "No Finding")  # labels for the absence of every finding
Statement = tuple[str, str, dict[str, Value]]  # kind, finding or "", value of each role


def facts(case: Case, prompt: str = "", checks: Sequence[Check] = (), checked: str = "") -> tuple[Fact, ...]:
    """Collect everything that was measured about a Case.

    Args:
        case: The Case.
        prompt: The user's prompt. Known findings that it names and the model does not report are listed as
            not assessed; it has no other effect.
        checks: Checks of the map of the finding `checked`.
        checked: Finding whose map was checked; by default that of the answer.

    Returns:
        Facts numbered from 1.
    """
    model = entry(case.prediction.model_id)
    checked = checked or case.answer.finding
    statements = (
        *_answer(case),
        *_map_verdict(case, checks, checked),
        *_technique(case, model),
        *_findings(case.prediction),
        *_boxes(case),
        *_maps(case),
        *_checks(checks, checked),
        *_not_assessed(model, prompt),
        *_limits(case),
    )
    return tuple(
        Fact(number, TEMPLATES[kind][0], render(kind, finding, values), finding, kind, values)
        for number, (kind, finding, values) in enumerate(statements, 1)
    )


def _answer(case: Case) -> Iterator[Statement]:
    yield "answer", case.answer.finding, {"statement": case.answer.statement}


def _map_verdict(case: Case, checks: Sequence[Check], finding: str) -> Iterator[Statement]:
    """The verdict on the map of a finding, or that it was not checked."""
    maps = [explanation for explanation in case.explanations if explanation.finding == finding]
    if maps and checks:
        yield "map verdict", finding, {"support": verdict_of(maps[0], checks).support}
    elif maps:
        yield "unchecked maps", finding, {}


def _technique(case: Case, model: ModelEntry) -> Iterator[Statement]:
    film = case.radiograph
    height, width = film.pixels.shape
    values: dict[str, Value] = {"width": width, "height": height}
    if film.simulated:
        values["simulated"] = "simulated"
    if film.view:
        values["view"] = film.view
    yield "film", "", values
    weights = case.prediction.weights_sha256[:12] or "of its members"
    yield "model", "", {"model": model.title, "weights": weights, "trained on": model.trained_on}
    if case.fallback:
        yield "fallback", "", {}
    reason: dict[str, Value] = {"reason": case.gate.reason} if case.gate.reason else {}
    if case.gate.accepted:
        yield "accepted film", "", {"gate": "accepted"} | reason
    else:
        yield "refused film", "", {"gate": "refused"} | reason
    gate = case.gate
    if gate.familiarity is not None:
        kind = "farthest" if gate.farthest else "unusual" if gate.unusual else "familiarity"
        yield kind, "", {"familiar": gate.familiarity, "familiar as": gate.familiar_region}
    if case.organ:
        yield "organ", "", {"organ": case.organ}


def _findings(prediction: Prediction) -> Iterator[Statement]:
    """Every finding, then how many reach their operating points, then the most likely one."""
    order = _order(prediction)
    for index in order:
        yield "finding", prediction.findings[index], _probability(prediction, index)
    names = [prediction.findings[index] for index in order]
    above = tuple(name for name in names if prediction.at_operating_point(name))
    if len(names) > 1:
        values: dict[str, Value] = {"part": len(above), "whole": len(names), "side": "above"}
        kind = "one finding above" if len(above) == 1 else "findings above"
        yield kind, "", values | ({"findings": above} if above else {})
        yield "most likely", prediction.most_likely, {"rank": "most likely"}


def _order(prediction: Prediction) -> list[int]:
    """Indices of the findings: those at or above their operating points first, then by probability."""
    above = [prediction.at_operating_point(finding) for finding in prediction.findings]
    return sorted(
        range(len(above)), key=lambda index: (not above[index], -float(prediction.probabilities[index]))
    )


def _probability(prediction: Prediction, index: int) -> dict[str, Value]:
    finding = prediction.findings[index]
    values: dict[str, Value] = {"probability": float(prediction.probabilities[index])}
    if prediction.intervals is not None:
        low, high = prediction.intervals[index]
        values |= {"low": float(low), "high": float(high)}
    values["operating point"] = float(prediction.thresholds[index])
    values["side"] = "above" if prediction.at_operating_point(finding) else "below"
    if prediction.present is not None:
        values |= {"coverage": COVERAGE, "answer": prediction.answer(finding)}
    return values


def _boxes(case: Case) -> Iterator[Statement]:
    """The boxes at the model's operating point."""
    if case.detections is None:
        return
    found = chosen(case.detections, case.detections.threshold)
    name = found.findings[0]
    if len(found):
        kind = "one box" if len(found) == 1 else "boxes"
        yield kind, name, {"count": len(found), "boxes": "boxed", "side": "above"}
    else:
        yield "no box", name, {"boxes": "no box", "side": "below"}
    height, width = case.radiograph.pixels.shape
    rows = zip(found.xyxy.tolist(), found.confidence.tolist(), found.class_id.tolist(), strict=True)
    for number, ((left, top, right, bottom), score, class_id) in enumerate(rows, 1):
        yield (
            "box",
            found.findings[class_id],
            {
                "box": number,
                "score": score,
                "left": left,
                "top": top,
                "right": right,
                "bottom": bottom,
                "boxes": "boxed",
                "region": region((left + right) / 2, (top + bottom) / 2, (height, width)),
            },
        )


def _maps(case: Case) -> Iterator[Statement]:
    """Peaks of the maps of the finding of the answer and of those at or above their operating points."""
    prediction = case.prediction
    rank = {prediction.findings[index]: place for place, index in enumerate(_order(prediction))}
    for explanation in sorted(case.explanations, key=lambda explanation: rank[explanation.finding]):
        finding = explanation.finding
        if finding != case.answer.finding and not prediction.at_operating_point(finding):
            continue
        values: dict[str, Value] = {"method": method_of(explanation).title}
        if explanation.has_positive_evidence:
            x, y = explanation.peak
            where = region(x, y, explanation.source_shape)
            if case.lungs and case.lungs.determined:
                values |= {"zone": case.lungs.zone_at(x, y)}
            yield "map", finding, values | {"x": x, "y": y, "evidence": "evidence", "region": where}
        else:
            yield "map without evidence", finding, values | {"evidence": "no evidence"}


def _checks(checks: Sequence[Check], finding: str) -> Iterator[Statement]:
    for check in checks:
        title = CHECKS[check.name].title
        yield "check", finding, {"check": title, "verdict": check.verdict, "reason": check.why}
    if checks:
        judged = [check for check in checks if check.verdict != "cannot be judged"]
        yield (
            "checks",
            finding,
            {
                "part": sum(check.verdict == "passed" for check in judged),
                "whole": len(judged),
                "not judged": len(checks) - len(judged),
                "verdict": ("passed", "cannot be judged"),
            },
        )


def _not_assessed(model: ModelEntry, prompt: str) -> Iterator[Statement]:
    for finding in requested_but_unknown(model, prompt):
        yield "requested finding", finding, {"assessment": "not assessed"}
    yield (
        "assessed findings",
        "",
        {"findings": model.findings, "assessment": ("assessed", "not assessed")},
    )
    yield "unknown context", "", {}


def requested_but_unknown(model: ModelEntry, prompt: str) -> list[str]:
    """Findings of other models that a prompt names and this model does not report."""
    others = (other for other in entries() if other.for_analysis and other.task != BODY_REGION)
    known = {finding for other in others for finding in other.findings} - {*model.findings, *HEALTHY}
    return names(prompt, sorted(known))


def _limits(case: Case) -> Iterator[Statement]:
    prediction = case.prediction
    if prediction.present is not None and "cannot tell" in map(prediction.answer, prediction.findings):
        yield "meaning of cannot tell", "", {}
    if prediction.intervals is not None:
        yield "meaning of intervals", "", {}
    if case.explanations:
        yield "meaning of maps", "", {}
    if case.lungs and case.lungs.determined:
        yield "meaning of zones", "", {}
    elif case.lungs:
        yield "undetermined lungs", "", {"problem": case.lungs.problem}
    yield "research", "", {"diagnosis": "no diagnosis"}
