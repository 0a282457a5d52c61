"""What a paper of one Case holds, whatever it is printed as: tables of plain words, and numbered flags."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from string import ascii_lowercase
from typing import Any

import numpy as np

from xray import NOTICE, __version__
from xray.errors import InvalidRequest
from xray.evidence import CHECKS
from xray.explain import METHODS
from xray.io.encode import marked
from xray.models.detector import chosen
from xray.models.registry import ModelEntry, entry
from xray.render.overlay import RGB, Drawing, colors, draw, scale_of, window
from xray.report.types import Report, Section, Sentence
from xray.settings import settings
from xray.types import Case, Check, Detections

Row = tuple[str, ...]
Flag = tuple[str, str]  # its letter, and what does not hold

SECTIONS: dict[Section, str] = {
    "technique": "Technique",
    "findings": "Findings",
    "explanation": "Explanation",
    "not assessed": "Not assessed",
    "limits": "Limits",
}
ANSWERS = ("Finding", "Probability", "Interval", "Operating point", "Answer")
VERDICTS = ("Question", "Verdict", "Map", "Random", "Centered", "Why")
MARKS = {"passed": "✓", "failed": "✗", "cannot be judged": "?"}


def shown_finding(case: Case, finding: str | None) -> str:
    """The finding to draw: the one asked for, else the most likely, else the only one explained. Raises
    InvalidRequest for one without a map.
    """
    explained = [one.finding for one in case.explanations]
    if finding is None:
        likely = case.prediction.most_likely
        return likely if likely in explained or not explained else explained[0]
    if finding not in case.prediction.findings or (explained and finding not in explained):
        raise InvalidRequest(
            f"There is no map of {finding!r} in this case.", hint=f"There are: {', '.join(explained)}."
        )
    return finding


def flagged(report: Report) -> Iterator[tuple[Sentence, tuple[Flag, ...]]]:
    """Every sentence with its flags, each flag under a letter of its own."""
    number = 0
    for sentence in report.sentences:
        flags = []
        for flag in sentence.flags:
            flags.append((ascii_lowercase[number % 26] * (number // 26 + 1), flag))
            number += 1
        yield sentence, tuple(flags)


def by_section(report: Report) -> Iterator[tuple[str, list[tuple[Sentence, tuple[Flag, ...]]]]]:
    """Title and sentences of every section that has any."""
    lettered = list(flagged(report))
    for name, title in SECTIONS.items():
        if some := [(sentence, flags) for sentence, flags in lettered if sentence.section == name]:
            yield title, some


def written_by(case: Case, report: Report) -> str:
    """The model, the narrator and the question. Raises ModelUnavailable."""
    accepted = ", accepted by the reader" if report.accepted else ""
    said = f"{entry(case.prediction.model_id).title}. Written by: {report.narrator}{accepted}."
    return said + (f" Asked: “{report.prompt}”" if report.prompt else "")


def warnings(case: Case, report: Report) -> list[str]:
    """What marks everything that follows: a refused film, a model or narrator that stands in, flags."""
    said = [marked(case).strip(), case.fallback, report.problem]
    if report.flagged:
        said.append(
            f"{len(report.flagged)} of {len(report.sentences)} sentences say what was not measured: "
            "they are marked, with the reason below their section."
        )
    if report.edited:
        said.append("The text was edited by hand after it was written.")
    if case.radiograph.simulated:
        said.append("Simulated radiograph.")
    return [one for one in said if one]


def answers(case: Case) -> list[Row]:
    """One row per finding, in the model's order, under ANSWERS."""
    said = case.prediction
    spans = [""] * len(said.findings)
    if said.intervals is not None:
        spans = [f"{low:.1%} to {high:.1%}" for low, high in said.intervals]
    return [
        (finding, f"{probability:.1%}", span, f"{threshold:.1%}", said.answer(finding))
        for finding, probability, span, threshold in zip(
            said.findings, said.probabilities, spans, said.thresholds, strict=True
        )
    ]


def verdicts(checks: Iterable[Check]) -> list[Row]:
    """One row per check, under VERDICTS."""
    return [
        (
            CHECKS[one.name].question,
            f"{MARKS[one.verdict]} {one.verdict}",
            *(
                f"{value:.2f}" if np.isfinite(value) else "–"
                for value in (one.value, one.baseline, one.centered)
            ),
            one.why,
        )
        for one in checks
    ]


def _figure(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "–"


def film_facts(case: Case) -> list[Row]:
    film = case.radiograph
    height, width = film.pixels.shape
    facts = [("File", film.name), ("Size", f"{width} × {height} px, {film.bit_depth} bit")]
    if film.spacing_mm:
        facts.append(("Spacing", "{:.3g} × {:.3g} mm per pixel".format(*film.spacing_mm[::-1])))
    if film.view:
        facts.append(("View", film.view))
    if case.organ:
        facts.append(("Organ", case.organ))
    if film.notes:
        facts.append(("On the way in", " ".join(film.notes)))
    gate = f"{'accepted' if case.gate.accepted else 'refused'}. {case.gate.reason}"
    return [*facts, ("Input gate", gate.strip()), ("sha256 of pixels", film.sha256)]


def model_facts(case: Case, finding: str) -> list[Row]:
    """What the registry, the figures and the card say. Raises ModelUnavailable for an unknown model."""
    facts = entry(case.prediction.model_id)
    rows = [("Model", f"{facts.title} ({facts.id})")]
    if facts.members:
        rows.append(("Mean of", ", ".join(facts.members)))
    else:
        rows.append(("Network", f"{facts.architecture}, {facts.input_size} px"))
    if case.explanations:
        made = case.explanation(finding)
        method = METHODS[made.method]
        rows.append(("Heatmap", f"{method.title} at {made.layer}: {method.values}"))
    rows += [("Trained on", facts.trained_on), ("Licence", facts.licence)]
    if told := measured(facts, case.prediction.weights_sha256):
        rows.append(("Measured", told))
    if weak := weaknesses(facts):
        rows.append(("Known weaknesses", " ".join(weak)))
    return [*rows, ("sha256 of weights", case.prediction.weights_sha256), ("Software", f"xray {__version__}")]


def _kept_figures(model: ModelEntry) -> dict[str, Any]:
    """Contents of weights/ID.json: figures and known weaknesses; empty if the file is missing or invalid."""
    try:
        kept = json.loads((settings().weights_dir / f"{model.id}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


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
    listed = _kept_figures(model).get("weaknesses", [])
    return tuple(map(str, listed)) if isinstance(listed, list) else ()


def boxes(case: Case) -> Detections | None:
    """A detector's boxes at its operating point; None of a model that draws none."""
    return None if case.detections is None else chosen(case.detections, case.detections.threshold)


def film_picture(case: Case) -> RGB:
    """The film, uint8 (H, W, 3)."""
    gray = np.rint(window(case.radiograph.pixels, 0.5, 1.0) * 255).astype(np.uint8)
    return np.dstack([gray] * 3)


def overlay_picture(case: Case, finding: str) -> RGB:
    """The film with a finding's map over it, uint8 (H, W, 3), on the scale of all findings."""
    return draw(case, finding, Drawing())


def color_bar(length: int = 256) -> RGB:
    """Colors of the scale, uint8 (length, 1, 3), the highest value first."""
    return colors(np.linspace(1, 0, length, dtype=np.float32)[:, None], Drawing.colormap)


def map_caption(case: Case, finding: str) -> str:
    """What the map's colors mean, and what it does not show."""
    made = case.explanation(finding)
    known = METHODS[made.method]
    said = f"{known.title} of {finding} at {made.layer}: {known.values}."
    if not made.has_positive_evidence:
        return f"{said} It has no positive evidence."
    said += (
        f" Colors from 0 to {scale_of(case, finding):.3g}, the highest value of all findings; its own "
        "highest is {:.3g}, at x {:.0f}, y {:.0f} px.".format(made.raw_max, *made.peak)
    )
    if not case.prediction.at_operating_point(finding):
        said += f" {finding} is below its operating point: the map is drawn pale."
    return said


def boxes_caption(found: Detections) -> str:
    count = "No box" if not len(found) else "1 box" if len(found) == 1 else f"{len(found)} boxes"
    return f"{count} with a score of {found.threshold:.1%} or more, the model's operating point."


def disclaimer() -> str:
    return (
        f"{NOTICE} A heatmap says where a network looked, not where a disease is; a probability is that of "
        "the network on films like those it was calibrated on, not that of a patient."
    )
