"""The trust card: whether the map on the page can be believed, one check after the other as they are done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import cv2
import numpy as np
import streamlit as st

from xray.evidence import CHECKS, FilmContext, Question, checks_of
from xray.evidence.context import Box
from xray.explain import METHODS
from xray.render.overlay import RGB, Drawing, colors
from xray.types import Case, Check, Explanation, Pixels
from xray.ui.history.keeping import keep_verdicts
from xray.ui.session import session

Key = tuple[str, str, str, str, tuple[Box, ...]]
BADGES = {
    "passed": ":green-badge[:material/check: passed]",
    "failed": ":red-badge[:material/close: failed]",
    "cannot be judged": ":gray-badge[:material/question_mark: cannot be judged]",
}
SIDE, STRIP = 72, 5  # of a small map, and how many of them are shown in a row
LINES = ("#E8A33D", "#56B4E9")


def trust_card(case: Case, finding: str, boxes: tuple[Box, ...]) -> None:
    """A button; then every check, its verdict, a small picture and why. boxes: what the user marked."""
    explanation = case.explanation(finding)
    with st.container(border=True):
        title, button = st.columns([4, 1], vertical_alignment="center")
        title.markdown(f"**Can this map be believed?** {METHODS[explanation.method].title} of {finding}")
        pressed = button.button("Check", icon=":material/fact_check:", width="stretch", key="check map")
        if not pressed and not is_checked(case, explanation, boxes):
            st.caption(
                "Takes about five seconds. The network runs again with parts of the film hidden, with "
                "randomized weights, and on slightly changed films. Mark the finding on the film above, "
                "and its place is checked too."
            )
            return
        done = []
        for one in checked(case, explanation, boxes):
            line(one)
            done.append(one)
        st.caption(summary(done))


def checked(
    case: Case, explanation: Explanation, boxes: tuple[Box, ...], film: FilmContext | None = None
) -> Iterator[Check]:
    """The checks of a map, kept in the session once all are done. film: see check_context."""
    kept = session().checks
    key = _key(case, explanation, boxes)
    if key in kept:
        yield from kept[key]
        return
    done = []
    with st.spinner(f"Checking {METHODS[explanation.method].title} …", show_time=True):
        for one in checks_of(case, explanation, boxes, film):
            done.append(one)
            yield one
    kept[key] = done
    keep_verdicts(case, explanation.finding, explanation.method, done)


def is_checked(case: Case, explanation: Explanation, boxes: tuple[Box, ...]) -> bool:
    return _key(case, explanation, boxes) in session().checks


def _key(case: Case, explanation: Explanation, boxes: tuple[Box, ...]) -> Key:
    return (
        case.radiograph.sha256,
        case.prediction.model_id,
        explanation.finding,
        explanation.method,
        boxes,
    )


def line(one: Check) -> None:
    """One check: question and verdict, small picture, why."""
    question = CHECKS[one.name]
    asked, picture, why = st.columns([5, 4, 8], gap="medium", vertical_alignment="center")
    asked.markdown(question.question)
    with asked.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(BADGES[one.verdict], width="content")
        with st.popover(
            "",
            icon=":material/help:",
            type="tertiary",
            help="How it is measured, how it misleads",
            key=f"how:{one.name}",
        ):
            st.markdown(explanation_of(question))
    with picture:
        if one.curves:
            names = ", ".join(one.curves)
            st.image(sparkline(one.curves), alt=f"{question.title}: {names}", caption=legend(one.curves))
        if one.maps:
            gray = one.name == "shortcut"
            st.image(strip(one.maps, gray=gray), alt=f"{question.title}: {', '.join(one.maps)}")
    why.markdown(one.why)
    why.caption(f"{one.seconds:.1f} s")


def summary(done: list[Check]) -> str:
    """How many passed of those that could be judged."""
    judged = [one for one in done if one.verdict != "cannot be judged"]
    passed = sum(one.verdict == "passed" for one in judged)
    return (
        f"{passed} of {len(judged)} checks passed, {len(done) - len(judged)} could not be judged; "
        f"{sum(one.seconds for one in done):.1f} s. Passing is no proof: every check can mislead."
    )


def sparkline(curves: Mapping[str, Pixels]) -> str:
    """Curves (n) over one another as SVG, on one scale."""
    low = min(float(values.min()) for values in curves.values())
    span = max(float(values.max()) for values in curves.values()) - low or 1.0
    lines = []
    for color, values in zip(LINES, curves.values(), strict=False):
        x = np.linspace(4, 236, len(values))
        y = 68 - (values - low) / span * 64
        points = " ".join(f"{across:.1f},{down:.1f}" for across, down in zip(x, y, strict=True))
        lines.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2.5"/>')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 72" width="240">{"".join(lines)}</svg>'


def legend(names: Iterable[str]) -> str:
    """The names of curves in their colors."""
    return " · ".join(f":{color}[{name}]" for name, color in zip(names, ("orange", "blue"), strict=False))


def strip(maps: Mapping[str, Pixels], *, gray: bool = False) -> RGB:
    """Maps beside one another, each scaled by its own highest value, or films in gray; SIDE pixels high."""
    small = []
    for values in list(maps.values())[:STRIP]:
        shown = cv2.resize(values, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        shown = np.clip(shown / max(float(shown.max()), 1e-12), 0, 1).astype(np.float32)
        plain = np.dstack([np.rint(shown * 255).astype(np.uint8)] * 3)
        small.append(plain if gray else colors(shown, Drawing.colormap))
    return np.concatenate(small, axis=1)


def explanation_of(question: Question) -> str:
    """How a check is measured, read and misread, as Markdown."""
    described = question.description
    parts = {
        "Question": question.question,
        "Formula": described.formula,
        "How to read it": described.reading,
        "How it can mislead": described.caution,
        "Paper": described.references,
    }
    return "\n\n".join(f"**{name}.** {text}" for name, text in parts.items())
