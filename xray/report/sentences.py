"""The sentences of facts: one template per kind of fact, filled with its values.

A part of a template in brackets is left out where the fact has no value for a role that it names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any

from xray.report.image_regions import in_words, in_zone
from xray.report.types import Section, Value
from xray.types.answer import listed, percent

TEMPLATES: dict[str, tuple[Section, str]] = {
    "answer": ("summary", "{statement}"),
    "map verdict": ("summary", "Map: {support} for {finding}."),
    "checks": (
        "explanation",
        "{part} of {whole} checks of the map for {finding} passed; {not judged} could not be judged.",
    ),
    "unchecked maps": ("summary", "Whether the map can be believed was not checked."),
    "film": (
        "technique",
        "The film[ is {simulated}, not a patient's; it] has {width} x {height} pixels[, view {view}].",
    ),
    "model": (
        "technique",
        "It was analyzed by the model {model} (weights {weights}), trained on {trained on}.",
    ),
    "fallback": ("technique", "This model replaces another one, which could not be loaded."),
    "accepted film": ("technique", "The input gate {gate} the film.[ {reason}]"),
    "refused film": (
        "technique",
        "The input gate {gate} the film; it was analyzed at the user's request.[ {reason}]",
    ),
    "familiarity": (
        "technique",
        "The film is closer to the training films of the gate than {familiar} of new {familiar as} films.",
    ),
    "unusual": (
        "technique",
        "The film is unusual: it is closer to the training films of the gate than only {familiar} of new "
        "{familiar as} films.",
    ),
    "farthest": (
        "technique",
        "The film is farther from the training films of the gate than all {familiar as} films that were "
        "compared.",
    ),
    "organ": ("technique", "The organ view is {organ}."),
    "finding": (
        "findings",
        "{finding}: calibrated probability {probability}[ (interval {low} to {high})], {side} its operating "
        "point of {operating point}[; at {coverage} coverage the answer is {answer}].",
    ),
    "one finding above": (
        "findings",
        "{part} of {whole} findings is {side} the operating point: {findings}.",
    ),
    "findings above": (
        "findings",
        "{part} of {whole} findings are {side} the operating point[: {findings}].",
    ),
    "most likely": ("findings", "The {rank} of the findings is {finding}."),
    "no box": ("findings", "No box for {finding} reaches the operating point."),
    "one box": ("findings", "{count} box for {finding} reaches the operating point."),
    "boxes": ("findings", "{count} boxes for {finding} reach the operating point."),
    "box": (
        "findings",
        "Box {box} for {finding} has a score of {score} and lies at {region}, from x {left}, y {top} to "
        "x {right}, y {bottom} pixels.",
    ),
    "map": (
        "explanation",
        "The {method} map for {finding} is highest at {region}[, {zone}] (x {x}, y {y} pixels).",
    ),
    "map without evidence": ("explanation", "The {method} map for {finding} has no positive evidence."),
    "check": ("explanation", "The check {check} of the map for {finding}: {verdict}. {reason}"),
    "requested finding": (
        "not assessed",
        "{finding} was requested and was {assessment}: this model does not report it.",
    ),
    "assessed findings": ("not assessed", "Nothing but {findings} was assessed."),
    "unknown context": (
        "not assessed",
        "Earlier films, symptoms and the side of the patient are not known; left and right are sides of the "
        "image.",
    ),
    "meaning of cannot tell": (
        "limits",
        "Cannot tell means that neither present nor absent can be ruled out.",
    ),
    "meaning of intervals": (
        "limits",
        "An interval shows how far the probability moves when the film is changed a little, not whether it "
        "is true.",
    ),
    "meaning of maps": ("limits", "A map shows only where the model looked, not where a disease is."),
    "meaning of zones": (
        "limits",
        "A zone is a third of the height of a lung; the right lung is the one on the left of the image, as in"
        " the usual display of a frontal film.",
    ),
    "undetermined lungs": ("limits", "No zones of the lungs are given. {problem}"),
    "research": ("limits", "For research and education only; this is not a diagnosis."),
}
OPTIONAL = re.compile(r"\[(.*?)\]")


FORMATS: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(("probability", "low", "high", "operating point"), percent),
    **dict.fromkeys(("x", "y", "left", "top", "right", "bottom"), "{:.0f}".format),
    **dict.fromkeys(("coverage", "familiar"), "{:.0%}".format),
    "score": "{:.2f}".format,
    "findings": listed,
    "region": in_words,
    "zone": in_zone,
    "side": {"above": "at or above", "below": "below"}.__getitem__,
}


def formatted(role: str, value: Value) -> str:
    """Format a value as every sentence of a report writes it."""
    return FORMATS.get(role, str)(value)


def render(kind: str, finding: str, values: Mapping[str, Value]) -> str:
    """Render the sentence of a fact.

    Args:
        kind: Key in TEMPLATES.
        finding: Finding that the fact is about, or empty.
        values: Value of each role.
    """
    written = {role: formatted(role, value) for role, value in values.items()} | {"finding": finding}

    def complete(part: re.Match[str]) -> str:
        roles = [role for _, role, _, _ in Formatter().parse(part[1]) if role]
        return part[1] if all(role in written for role in roles) else ""

    return OPTIONAL.sub(complete, TEMPLATES[kind][1]).format_map(written)
