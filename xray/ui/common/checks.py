"""Checks of a map, run once per session, and how their results and the verdict are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from xray.evidence import CHECKS, FilmContext, checks_of, outcome
from xray.evidence.context import Box
from xray.evidence.limits import limits_of
from xray.explain import method_of
from xray.io.label_lists import NORMAL, plain
from xray.types import Case, Check, Explanation, MapFile
from xray.types.answer import listed
from xray.ui.common.escaping import literal
from xray.ui.common.keeping import keep_verdicts
from xray.ui.common.verdict import SUPPORT
from xray.ui.session import session

Key = tuple[str, str, str, str, MapFile | None, tuple[Box, ...]]
LOOKS = {  # color and icon
    "passed": ("green", "check"),
    "failed": ("red", "close"),
    "cannot be judged": ("gray", "question_mark"),
}


def title_of(explanation: Explanation) -> str:
    """The method of a map, with the name of the file of a map from a file."""
    title = method_of(explanation).title
    return f"{title}: {explanation.file.name}" if explanation.file else title


def badge(name: str, verdict: str) -> str:
    """The result of a check, or the verdict on a map, as a colored badge; another text stays as it is."""
    looks = LOOKS | SUPPORT
    if verdict not in looks:
        return verdict
    color, icon = looks[verdict]
    return f":{color}-badge[:material/{icon}: {outcome(name, verdict)}]"


def checked(
    case: Case, explanation: Explanation, boxes: tuple[Box, ...], film: FilmContext | None = None
) -> Iterator[Check]:
    """Yield the checks of a map; the session keeps them when all are done.

    Args:
        case: The Case to which the map belongs.
        explanation: The map to check.
        boxes: Regions that the user marked, in source pixels.
        film: What several maps of the same film share; computed if omitted.
    """
    kept = session().checks
    key = _key(case, explanation, boxes)
    if key in kept:
        yield from kept[key]
        return
    done = []
    with st.spinner(f"Checking {literal(title_of(explanation))} …", show_time=True):
        for check in checks_of(case, explanation, boxes, film):
            done.append(check)
            yield check
    kept[key] = done
    keep_verdicts(case, explanation, done)


def checks_kept(case: Case, explanation: Explanation, boxes: tuple[Box, ...]) -> Sequence[Check]:
    """The checks of a map that the session has; empty if it was not checked."""
    return session().checks.get(_key(case, explanation, boxes), [])


def without_limits(explanation: Explanation) -> str:
    """Which verdicts there will not be on a map, and why, before its checks run; empty if all will be."""
    limits, method = limits_of(explanation), method_of(explanation).title
    missing = [
        question.title for question in CHECKS.values() if question.limited and question.name not in limits
    ]
    if plain(explanation.finding) in NORMAL:
        return f"A map of {explanation.finding} gets no verdict: without a finding, no place can be right."
    if not limits:
        return (
            f"No limits were measured for {explanation.model_id}: there will be values, but no verdict, and "
            f"{', '.join(missing)} cannot be judged."
        )
    if explanation.file:
        remade = listed([question.title for question in CHECKS.values() if question.remakes])
        return f"{remade} cannot judge a map from a file: they need the method that made it."
    if missing:
        return f"No limits were measured for {method}: {', '.join(missing)} cannot be judged."
    return ""


def _key(case: Case, explanation: Explanation, boxes: tuple[Box, ...]) -> Key:
    return (
        case.radiograph.sha256,
        case.prediction.model_id,
        explanation.finding,
        explanation.method,
        explanation.file,
        boxes,
    )
