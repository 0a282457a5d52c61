"""Positions that a text gives: sides and zones of the image, and sides of the patient."""

from __future__ import annotations

import re

from xray.types import OUTSIDE, ZONES

IMAGE = r"(?:image|film|picture|radiograph|heatmap|map)"
PLACES = (
    (re.compile(r"\b(?:upper|top)\b"), "upper"),
    (re.compile(r"\b(?:lower|bottom)\b(?!\sthan)"), "lower"),
    (re.compile(r"\bleft\b"), "left"),
    (re.compile(r"\bright\b"), "right"),
    (re.compile(r"\b(?:center|centre|central)\b"), "center"),
    (re.compile(r"\bmiddle\b"), "middle"),
)
ON_IMAGE = re.compile(
    rf"\b(?:upper|top|lower|bottom|left|right|center|centre|central|middle)\b[\w\s,-]{{0,40}}?\b(?:of|on|"
    rf"in)\s(?:the|this)\s"
    rf"{IMAGE}\b|\b(?:image|film)(?:'s)?\s(?:upper|top|lower|bottom|left|right|center|centre|"
    rf"middle)\b[\w\s-]*"
)
ZONE = re.compile(rf"\b(?:(?P<zone>{'|'.join(ZONES)})\szone|outside\s(?:of\s)?the\slungs?)\b")
CORNER = re.compile(
    r"\b(?:upper|top|lower|bottom|middle|center)[\s-](?:left|right)\b(?!\s(?:lung|lobe|chest|side))"
)
CORNER_OF_IMAGE = re.compile(rf"{CORNER.pattern}(?:\s\w+)?\s(?:of|on|in)\s(?:the|this)\s{IMAGE}\b")
PATIENT_SIDE = re.compile(r"\b(?:left|right)\b")
NO_SIDE = re.compile(
    rf"\bleft\sand\sright\b[\w\s]*?\b(?:of\sthe\s)?{IMAGE}|\bleft\s(?:open|out|unanswered)\b|"
    r"\bright\s(?:place|spot|answer|way|one|here)\b|\b(?:is|was|are|were)\sleft\s|\blower\s(?:it|this|that|"
    r"the\s(?:value|probability))\b|"
    rf"\bright\slung\b[\w\s,]*\bleft\sof\sthe\s{IMAGE}|\bleft\slung\b[\w\s,]*\bright\sof\sthe\s{IMAGE}"
)


def positions(text: str, sentence: str = "") -> list[str]:
    """Return the zones of the lungs and the parts of the image that a text names, as states of facts.

    Args:
        text: A clause.
        sentence: Its sentence: if it says "of the image" once, its other places are in the image too.
    """
    text = text.lower()
    zones = [match["zone"] or OUTSIDE for match in ZONE.finditer(text)]
    return zones + _parts(ZONE.sub(" ", text), of_image=bool(CORNER_OF_IMAGE.search(sentence.lower())))


def _parts(text: str, *, of_image: bool) -> list[str]:
    plain = NO_SIDE.sub(" ", text)
    mentioned = " ".join(match.group() for match in ON_IMAGE.finditer(plain))
    if of_image:
        mentioned += " " + " ".join(match.group() for match in CORNER.finditer(plain))
    named = [state for pattern, state in PLACES if pattern.search(mentioned)]
    if not named:
        return []
    if not {"upper", "lower", "middle"} & set(named) and "center" in named:
        named.append("middle")
    if not {"left", "right", "center"} & set(named) and named == ["middle"]:
        named.append("center")
    return named


def names_patient_side(text: str) -> bool:
    """Whether a text uses left or right for anything but the image and zones of the lungs."""
    plain = ON_IMAGE.sub(" ", ZONE.sub(" ", NO_SIDE.sub(" ", text.lower())))
    if CORNER_OF_IMAGE.search(text.lower()):
        plain = CORNER.sub(" ", plain)
    return bool(PATIENT_SIDE.search(plain))
