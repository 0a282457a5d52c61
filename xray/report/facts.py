"""A Case as numbered facts: all that a report may say, each in one sentence with its figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from xray.evidence import CHECKS
from xray.explain import METHODS
from xray.models.conformal import COVERAGE
from xray.models.detector import chosen
from xray.models.gate import GATE
from xray.models.organ import BODY_REGION
from xray.models.registry import ModelEntry, entries, entry
from xray.report.draft import Fact, Section
from xray.report.grounding.wording import listed, mentions, percent
from xray.report.image_regions import in_words, place
from xray.types import Case, Check, Prediction

FIGURE = re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d+)?%?(?![\w.]*\w)")
HEALTHY = ("Normal", "No Finding")  # what models call the absence of what they report


def facts(case: Case, prompt: str = "", checks: Sequence[Check] = (), checked: str = "") -> tuple[Fact, ...]:
    """All that was measured of a Case, numbered from 1.

    prompt: known findings that it names and the model does not report are told as not assessed; nothing else
    of it gets in. checks: those of the map of the finding `checked`, by default the most likely.
    """
    model = entry(case.prediction.model_id)
    told = (
        *_technique(case, model),
        *_findings(case.prediction),
        *_boxes(case),
        *_maps(case),
        *_checks(checks, checked or case.prediction.most_likely),
        *_not_assessed(model, prompt, checks),
        *_limits(case),
    )
    return tuple(replace(fact, number=number) for number, fact in enumerate(told, 1))


def _fact(section: Section, text: str, **known: object) -> Fact:
    """A fact whose figures are those of its text, unless they are given."""
    given = {"values": tuple(FIGURE.findall(text))} | known
    return Fact(0, section, text, **given)  # type: ignore[arg-type]


def _technique(case: Case, model: ModelEntry) -> Iterator[Fact]:
    film, said = case.radiograph, case.prediction
    height, width = film.pixels.shape
    view = f", view {film.view}" if film.view else ""
    simulated = " is simulated, not a patient's; it" if film.simulated else ""
    yield _fact("technique", f"The film{simulated} has {width} x {height} pixels{view}.")
    yield _fact(
        "technique",
        f"It was analyzed by the model {model.title} "
        f"(weights {said.weights_sha256[:12] or 'of its members'}), "
        f"trained on {model.trained_on}.",
    )
    if case.fallback:
        yield _fact("technique", "This model stands in for another one, which could not be loaded.")
    if case.gate.accepted:
        told = f" {case.gate.reason}" if case.gate.reason else ""
        yield _fact("technique", f"The input gate accepted the film.{told}", states=("accepted",))
    else:
        yield _fact(
            "technique",
            f"The input gate refused the film; it was analyzed at the user's wish. {case.gate.reason}",
            states=("refused",),
        )
    if case.organ:
        yield _fact("technique", f"The organ view is {case.organ}.")


def _findings(said: Prediction) -> Iterator[Fact]:
    """Every finding, those at or above their operating points and the likeliest first; then their number."""
    order = _order(said)
    for index in order:
        yield _finding(said, index)
    above = [said.findings[index] for index in order if said.at_operating_point(said.findings[index])]
    count, total = len(above), len(said.findings)
    named = f": {listed(above)}" if above else ""
    if total > 1:
        are = "is" if count == 1 else "are"
        yield _fact(
            "findings",
            f"{count} of {total} findings {are} at or above the operating point{named}.",
            states=("above",),
        )
        yield _fact(
            "findings",
            f"The most likely of the findings is {said.most_likely}.",
            finding=said.most_likely,
            states=("most likely",),
        )


def _order(said: Prediction) -> list[int]:
    """Indices of the findings as they are told."""
    above = [said.at_operating_point(finding) for finding in said.findings]
    return sorted(range(len(above)), key=lambda index: (not above[index], -float(said.probabilities[index])))


def _finding(said: Prediction, index: int) -> Fact:
    finding, probability = said.findings[index], float(said.probabilities[index])
    figures = {"probability": percent(probability)}
    interval = None
    text = f"{finding}: calibrated probability {figures['probability']}"
    if said.intervals is not None:
        low, high = (float(bound) for bound in said.intervals[index])
        interval = low, high
        figures |= {"low": percent(low), "high": percent(high)}
        text += f" (interval {figures['low']} to {figures['high']})"
    side = "above" if said.at_operating_point(finding) else "below"
    figures["operating point"] = percent(float(said.thresholds[index]))
    text += f", {said.side(finding)} its operating point of {figures['operating point']}"
    states = [side]
    if said.present is not None:
        figures["coverage"] = f"{COVERAGE:.0%}"
        states.append(said.answer(finding))
        text += f"; at {COVERAGE:.0%} coverage the answer is {said.answer(finding)}"
    return Fact(
        0,
        "findings",
        f"{text}.",
        finding,
        tuple(figures.values()),
        tuple(figures),
        tuple(states),
        interval,
    )


def _boxes(case: Case) -> Iterator[Fact]:
    """The boxes at the model's operating point."""
    if case.detections is None:
        return
    found = chosen(case.detections, case.detections.threshold)
    count, name = len(found), found.findings[0]
    boxes, reach = ("box", "reaches") if count == 1 else ("boxes", "reach")
    none = f"No box for {name} reaches the operating point."
    some = f"{count} {boxes} for {name} {reach} the operating point."
    yield _fact(
        "findings",
        some if count else none,
        finding=name,
        states=("boxed", "above") if count else ("no box", "below"),
    )
    shape = case.radiograph.pixels.shape
    for number, (corners, score, label) in enumerate(
        zip(found.xyxy.tolist(), found.confidence.tolist(), found.class_id.tolist(), strict=True), 1
    ):
        left, top, right, bottom = corners
        where = place((left + right) / 2, (top + bottom) / 2, (shape[0], shape[1]))
        yield _fact(
            "findings",
            f"Box {number} for {found.findings[label]} has a score of {score:.2f} and lies at "
            f"{in_words(where)}, from x {left:.0f}, y {top:.0f} to x {right:.0f}, y {bottom:.0f} pixels.",
            finding=found.findings[label],
            values=(str(number), f"{score:.2f}", *(f"{value:.0f}" for value in corners)),
            roles=("box", "score", "x", "y", "x", "y"),
            states=("boxed", *where),
            box=tuple(corners),
        )


def _maps(case: Case) -> Iterator[Fact]:
    """Where the model looked: for what is at or above its operating point, and for the likeliest."""
    said = case.prediction
    place_of = {said.findings[index]: place for place, index in enumerate(_order(said))}
    for map_of in sorted(case.explanations, key=lambda one: place_of[one.finding]):
        finding = map_of.finding
        if finding != said.most_likely and not said.at_operating_point(finding):
            continue
        title = METHODS[map_of.method].title
        if not map_of.has_positive_evidence:
            yield _fact(
                "explanation",
                f"The {title} map for {finding} holds no positive evidence.",
                finding=finding,
                states=("no evidence",),
            )
            continue
        x, y = map_of.peak
        where = place(x, y, map_of.source_shape)
        yield _fact(
            "explanation",
            f"The {title} map for {finding} is highest at {in_words(where)} (x {x:.0f}, y {y:.0f} pixels).",
            finding=finding,
            values=(f"{x:.0f}", f"{y:.0f}"),
            roles=("x", "y"),
            states=("evidence", *where),
        )


def _checks(checks: Sequence[Check], finding: str) -> Iterator[Fact]:
    for one in checks:
        title = CHECKS[one.name].title
        yield _fact(
            "explanation",
            f"The check {title} of the map for {finding}: {one.verdict}. {one.why}",
            finding=finding,
            check=title,
            states=(one.verdict,),
        )
    if checks:
        judged = [one for one in checks if one.verdict != "cannot be judged"]
        passed = sum(one.verdict == "passed" for one in judged)
        left = len(checks) - len(judged)
        yield _fact(
            "explanation",
            f"{passed} of {len(judged)} checks of the map for {finding} passed; {left} could not be judged.",
            finding=finding,
            states=("passed", "cannot be judged"),
        )


def _not_assessed(model: ModelEntry, prompt: str, checks: Sequence[Check]) -> Iterator[Fact]:
    for asked in asked_but_unknown(model, prompt):
        yield _fact(
            "not assessed",
            f"{asked} was asked for and was not assessed: this model does not report it.",
            states=("not assessed",),
            finding=asked,
        )
    yield _fact(
        "not assessed",
        f"Nothing but {listed(model.findings)} was assessed.",
        states=("assessed", "not assessed"),
    )
    yield _fact(
        "not assessed",
        "Earlier films, symptoms and the side of the patient are not known; left and right are sides of "
        "the image.",
    )
    if not checks:
        yield _fact("not assessed", "Whether the maps can be believed was not checked.")


def asked_but_unknown(model: ModelEntry, prompt: str) -> list[str]:
    """Findings of other models that a prompt names and this one does not report."""
    others = (one for one in entries() if one.task != BODY_REGION and one.id != GATE)
    known = {finding for one in others for finding in one.findings} - {*model.findings, *HEALTHY}
    return sorted(name for name in known if mentions(name).search(prompt))


def _limits(case: Case) -> Iterator[Fact]:
    said = case.prediction
    if said.present is not None and "cannot tell" in map(said.answer, said.findings):
        yield _fact("limits", "Cannot tell means that neither present nor absent can be ruled out.")
    if said.intervals is not None:
        yield _fact(
            "limits",
            "An interval says how far the answer moves when the film is changed a little, not whether it is "
            "true.",
        )
    if case.explanations:
        yield _fact("limits", "A map shows only where the model looked, not where a disease is.")
    yield _fact(
        "limits", "For research and education only; this is not a diagnosis.", states=("no diagnosis",)
    )
