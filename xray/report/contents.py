"""Contents of a report in every file format: sentences with lettered flags, and tables as rows of text."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from string import ascii_lowercase
from typing import Any

import numpy as np

from xray import NOTICE, __version__
from xray.errors import InvalidRequest
from xray.evidence import CHECKS, MARKS, outcome, verdict_of
from xray.explain import method_of
from xray.io.encode import marked
from xray.models.registry import ModelEntry, entry
from xray.report.types import Fact, Report, Section, Sentence
from xray.settings import settings
from xray.types import Case, Check
from xray.types.answer import percent, percent_range

Row = tuple[str, ...]
Flag = tuple[str, str]  # letter and reason

SECTIONS: dict[Section, str] = {
    "summary": "Summary",
    "technique": "Technique",
    "findings": "Findings",
    "explanation": "Where the model looked",
    "not assessed": "Not assessed",
    "limits": "Limits",
}
FINDING_COLUMNS = ("Finding", "Probability", "Interval", "Operating point", "Answer")
CHECK_COLUMNS = ("Question", "Verdict", "Map", "Meaningless", "Centered", "Reason")
DISCLAIMER = (
    f"{NOTICE} A heatmap shows where a network looked, not where a disease is. A probability is an estimate "
    "of the network for films like those it was calibrated on, not for a patient."
)


def shown_finding(case: Case, finding: str | None) -> str:
    """Choose the finding whose map is shown.

    Args:
        case: The Case.
        finding: The requested finding; None for that of the answer, or the first with a map.

    Raises:
        InvalidRequest: If the requested finding has no map.
    """
    explained = [explanation.finding for explanation in case.explanations]
    if finding is None:
        shown = case.answer.finding
        return shown if shown in explained or not explained else explained[0]
    if finding not in case.prediction.findings or (explained and finding not in explained):
        raise InvalidRequest(
            f"There is no map of {finding!r} in this case.", hint=f"There are: {', '.join(explained)}."
        )
    return finding


def by_section(
    report: Report, sections: Collection[Section] = tuple(SECTIONS)
) -> Iterator[tuple[str, list[tuple[Sentence, tuple[Flag, ...]]]]]:
    """Yield the title of each section that is not empty, with its sentences and their lettered flags."""
    lettered = list(_lettered(report))
    for name in sections:
        title = SECTIONS[name]
        if some := [(sentence, flags) for sentence, flags in lettered if sentence.section == name]:
            yield title, some


def _lettered(report: Report) -> Iterator[tuple[Sentence, tuple[Flag, ...]]]:
    number = 0
    for sentence in report.sentences:
        flags = []
        for flag in sentence.flags:
            flags.append((ascii_lowercase[number % 26] * (number // 26 + 1), flag))
            number += 1
        yield sentence, tuple(flags)


def byline(case: Case, report: Report) -> str:
    """Name the model, the narrator and the prompt. Raises ModelUnavailable."""
    accepted = ", accepted by the user" if report.accepted else ""
    line = f"{entry(case.prediction.model_id).title}. Written by: {report.narrator}{accepted}."
    return line + (f" Prompt: “{report.prompt}”" if report.prompt else "")


def warnings(case: Case, report: Report) -> list[str]:
    """List what limits the whole report: a refused film, a replaced model or narrator, flagged sentences."""
    lines = [marked(case).strip(), case.fallback, report.problem]
    if report.flagged:
        lines.append(
            f"{len(report.flagged)} of {len(report.sentences)} sentences are not supported by the measured "
            "facts: they are marked, with the reason below their section."
        )
    if report.edited:
        lines.append("The text was edited by the user.")
    if case.radiograph.simulated:
        lines.append("Simulated radiograph.")
    return [line for line in lines if line]


def finding_rows(case: Case) -> list[Row]:
    """One row of FINDING_COLUMNS per finding, in the model's order."""
    prediction = case.prediction
    intervals = [""] * len(prediction.findings)
    if prediction.intervals is not None:
        intervals = [percent_range(low, high) for low, high in prediction.intervals]
    return [
        (finding, percent(probability), interval, percent(threshold), prediction.answer(finding))
        for finding, probability, interval, threshold in zip(
            prediction.findings, prediction.probabilities, intervals, prediction.thresholds, strict=True
        )
    ]


def reported_checks(report: Report, checks: Iterable[Check]) -> list[Check]:
    """The checks of a report; none for a report that states that the map was not checked."""
    return [] if any(fact.kind == "unchecked maps" for fact in report.facts) else list(checks)


def verdict_text(case: Case, finding: str, checks: Sequence[Check]) -> str:
    """The verdict on a checked map with its reason and its error rates; empty without a map."""
    if not case.explanations:
        return ""
    verdict = verdict_of(case.explanation(finding), checks)
    return f"Map: {verdict.support}. {verdict.reason} {verdict.rates}".strip()


def listed_facts(report: Report, checks: Sequence[Check]) -> list[Fact]:
    """The facts, except those of checks that a table shows and no sentence cites."""
    cited = {fact.number for fact in cited_facts(report)}
    return [fact for fact in report.facts if fact.number in cited or not (checks and fact.check)]


def cited_facts(report: Report) -> list[Fact]:
    """The facts that a sentence cites."""
    cited = {number for sentence in report.sentences for number in sentence.cites}
    return [fact for fact in report.facts if fact.number in cited]


def check_rows(checks: Iterable[Check]) -> list[Row]:
    """One row of CHECK_COLUMNS per check."""
    return [
        (
            f"{CHECKS[check.name].title}: {CHECKS[check.name].question}",
            f"{MARKS[check.verdict]} {outcome(check.name, check.verdict)}",
            *map(_figure, (check.value, check.baseline, check.centered)),
            check.why,
        )
        for check in checks
    ]


def _figure(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "–"


def film_rows(case: Case) -> list[Row]:
    """Names and values of the facts about the film."""
    film = case.radiograph
    height, width = film.pixels.shape
    rows = [("File", film.name), ("Size", f"{width} × {height} px, {film.bit_depth} bit")]
    if film.spacing_mm:
        rows.append(("Spacing", "{:.3g} × {:.3g} mm per pixel".format(*film.spacing_mm[::-1])))
    if film.view:
        rows.append(("View", film.view))
    if case.organ:
        rows.append(("Organ", case.organ))
    if film.notes:
        rows.append(("Preprocessing", " ".join(film.notes)))
    gate = f"{'accepted' if case.gate.accepted else 'refused'}. {case.gate.reason}"
    rows.append(("Input gate", f"{gate.strip()} {case.gate.compared}".strip()))
    return [*rows, ("sha256 of pixels", film.sha256)]


def model_rows(case: Case, finding: str) -> list[Row]:
    """Names and values of the facts about the model. Raises ModelUnavailable for an unknown model."""
    model = entry(case.prediction.model_id)
    rows = [("Model", f"{model.title} ({model.id})")]
    if model.members:
        rows.append(("Ensemble of", ", ".join(model.members)))
    else:
        rows.append(("Network", f"{model.architecture}, {model.input_size} px"))
    if case.explanations:
        explanation = case.explanation(finding)
        method = method_of(explanation)
        rows.append(("Heatmap", f"{method.title} at {explanation.layer}: {method.values}"))
    rows += [("Trained on", model.trained_on), ("Licence", model.licence)]
    if figures := measured(model, case.prediction.weights_sha256):
        rows.append(("Measured", figures))
    if known := weaknesses(model):
        rows.append(("Known weaknesses", " ".join(known)))
    return [*rows, ("sha256 of weights", case.prediction.weights_sha256), ("Software", f"xray {__version__}")]


def measured(model: ModelEntry, weights_sha256: str) -> str:
    """The model's test figures in one line; empty if none were measured with these weights."""
    try:
        test = _kept_figures(model)["test"]
        if test["weights_sha256"] != weights_sha256:
            return ""
        figures = [
            "{} {value:.3f} ({low:.3f} to {high:.3f})".format(name.replace("_", " "), **value)
            for name, value in test["metrics"].items()
        ]
        return f"{test['n']} test films of {test['patients']} patients: {', '.join(figures)}; 95% intervals."
    except (ValueError, LookupError, TypeError):
        return ""


def weaknesses(model: ModelEntry) -> tuple[str, ...]:
    """Known weaknesses of a model, each a sentence; empty for a model without figures."""
    known = _kept_figures(model).get("weaknesses", [])
    return tuple(map(str, known)) if isinstance(known, list) else ()


def _kept_figures(model: ModelEntry) -> dict[str, Any]:
    """Contents of weights/ID.json: figures and known weaknesses; empty if the file is missing or invalid."""
    try:
        kept = json.loads((settings().weights_dir / f"{model.id}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
