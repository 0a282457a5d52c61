"""Checks of a map, run once per session, and how their verdicts are shown."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from xray.evidence import FilmContext, checks_of
from xray.evidence.context import Box
from xray.explain import METHODS
from xray.types import Case, Check, Explanation
from xray.ui.common.keeping import keep_verdicts
from xray.ui.session import session

Key = tuple[str, str, str, str, tuple[Box, ...]]
BADGES = {
    "passed": ":green-badge[:material/check: passed]",
    "failed": ":red-badge[:material/close: failed]",
    "cannot be judged": ":gray-badge[:material/question_mark: cannot be judged]",
}


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
    with st.spinner(f"Checking {METHODS[explanation.method].title} …", show_time=True):
        for check in checks_of(case, explanation, boxes, film):
            done.append(check)
            yield check
    kept[key] = done
    keep_verdicts(case, explanation.finding, explanation.method, done)


def is_checked(case: Case, explanation: Explanation, boxes: tuple[Box, ...]) -> bool:
    """Whether the session has the checks of a map."""
    return _key(case, explanation, boxes) in session().checks


def _key(case: Case, explanation: Explanation, boxes: tuple[Box, ...]) -> Key:
    return (
        case.radiograph.sha256,
        case.prediction.model_id,
        explanation.finding,
        explanation.method,
        boxes,
    )
