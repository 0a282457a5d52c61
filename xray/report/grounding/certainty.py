"""Expressions of certainty, and the probabilities for which they may be used."""

from __future__ import annotations

import re

from xray.report.grounding.claims import is_negated

CERTAINTY = (  # expression, probabilities from and to
    (re.compile(r"\b(?:impossible|definitely not|certainly not)\b"), (0.0, 0.0)),
    (
        re.compile(
            r"\b(?:definite\w*|certain(?:ly|ty)?|undoubted\w*|no doubt|without doubt|beyond doubt|clearly|"
            r"obvious\w*|"
            r"unequivocal\w*|unambiguous\w*|confirm\w*|prove[sdn]?|proof|surely|"
            r"(?<!least )(?<!less )(?<!how )sure|guarantee\w*|conclusive\w*|"
            r"evident\w*|must be)\b"
        ),
        (1.0, 1.0),
    ),
    (re.compile(r"\b(?:almost certain\w*|nearly certain\w*|virtually certain)\b"), (0.95, 1.0)),
    (re.compile(r"\b(?:very|highly|extremely) (?:unlikely|improbable)\b"), (0.0, 0.1)),
    (re.compile(r"\b(?:very|highly|extremely|quite) (?:likely|probable)\b|\bhigh confidence\b"), (0.9, 1.0)),
    (re.compile(r"\b(?:unlikely|improbable)\b|\blow (?:probability|likelihood|confidence)\b"), (0.0, 0.5)),
    (
        re.compile(
            r"(?<!most )(?<!least )(?<!more )(?<!less )(?<!as )\b(?:likely|probable)\b(?! than)|"
            r"\bprobably\b|\bhigh (?:probability|likelihood)\b|\bconfident(?:ly)?\b"
        ),
        (0.5, 1.0),
    ),
)


def certainty(clause: str) -> tuple[str, tuple[float, float]] | None:
    """Return the strongest expression of certainty and the probabilities for which it may be used."""
    text = clause.lower()
    for pattern, bounds in CERTAINTY:
        match = pattern.search(text)
        if not match:
            continue
        negated = is_negated(text, match.start())
        if bounds == (1.0, 1.0) and negated:
            return None  # "not certain" claims nothing
        if negated:
            bounds = (0.0, 0.5) if bounds[1] == 1.0 else (0.5, 1.0)
        return match.group(), bounds
    return None
