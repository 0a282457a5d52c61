"""The trust card: the checks of the map on the page, shown as they are completed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import cv2
import numpy as np
import streamlit as st

from xray.evidence import CHECKS, Question
from xray.evidence.context import Box
from xray.explain import METHODS
from xray.render.overlay import RGB, Drawing, colors
from xray.types import Case, Check, Pixels
from xray.ui.common.checks import BADGES, checked, is_checked
from xray.ui.common.escaping import literal

SIDE, STRIP = 72, 5  # of a small map, and how many of them are shown in a row
LINES = ("#E8A33D", "#56B4E9")


def trust_card(case: Case, finding: str, boxes: tuple[Box, ...]) -> None:
    """Show a button, then every check with its verdict, a small picture and the reason.

    Args:
        case: The Case with the map of the chosen method.
        finding: The finding that is explained.
        boxes: Regions that the user marked, in source pixels.
    """
    explanation = case.explanation(finding)
    with st.container(border=True):
        title, button = st.columns([4, 1], vertical_alignment="center")
        title.markdown(
            f"**Can this map be believed?** {METHODS[explanation.method].title} of {literal(finding)}"
        )
        requested = button.button("Check", icon=":material/fact_check:", width="stretch", key="check map")
        if not requested and not is_checked(case, explanation, boxes):
            st.caption(
                "Takes about five seconds. The network runs again with parts of the film hidden, with "
                "randomized weights, and on slightly changed films. Mark the finding on the film above "
                "to check its location too."
            )
            return
        done = []
        for check in checked(case, explanation, boxes):
            check_row(check)
            done.append(check)
        st.caption(summary(done))


def check_row(check: Check) -> None:
    """Show one check: question and verdict, a small picture, the reason."""
    question = CHECKS[check.name]
    left, picture, why = st.columns([5, 4, 8], gap="medium", vertical_alignment="center")
    left.markdown(question.question)
    with left.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(BADGES[check.verdict], width="content")
        with st.popover(
            "",
            icon=":material/help:",
            type="tertiary",
            help="How it is measured and how it can mislead",
            key=f"how:{check.name}",
        ):
            st.markdown(explanation_of(question))
    with picture:
        if check.curves:
            names = ", ".join(check.curves)
            st.image(sparkline(check.curves), alt=f"{question.title}: {names}", caption=legend(check.curves))
        if check.maps:
            gray = check.name == "shortcut"
            st.image(strip(check.maps, gray=gray), alt=f"{question.title}: {', '.join(check.maps)}")
    why.markdown(literal(check.why))
    why.caption(f"{check.seconds:.1f} s")


def summary(done: list[Check]) -> str:
    """How many checks passed of those that could be judged."""
    conclusive = [check for check in done if check.verdict != "cannot be judged"]
    passed = sum(check.verdict == "passed" for check in conclusive)
    return (
        f"{passed} of {len(conclusive)} checks passed, {len(done) - len(conclusive)} could not be judged; "
        f"{sum(check.seconds for check in done):.1f} s. Passing is not proof: every check can mislead."
    )


def sparkline(curves: Mapping[str, Pixels]) -> str:
    """Draw curves (n) in one SVG, on one scale."""
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
    """The names of the curves in their colors, as Markdown."""
    return " · ".join(f":{color}[{name}]" for name, color in zip(names, ("orange", "blue"), strict=False))


def strip(maps: Mapping[str, Pixels], *, gray: bool = False) -> RGB:
    """Draw maps side by side, SIDE pixels high, each scaled by its highest value; films in gray."""
    small = []
    for values in list(maps.values())[:STRIP]:
        shown = cv2.resize(values, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        shown = np.clip(shown / max(float(shown.max()), 1e-12), 0, 1).astype(np.float32)
        plain = np.dstack([np.rint(shown * 255).astype(np.uint8)] * 3)
        small.append(plain if gray else colors(shown, Drawing.colormap))
    return np.concatenate(small, axis=1)


def explanation_of(question: Question) -> str:
    """How a check is measured, how to read it and how it can mislead, as Markdown."""
    described = question.description
    parts = {
        "Question": question.question,
        "Formula": described.formula,
        "How to read it": described.reading,
        "How it can mislead": described.caution,
        "Paper": described.references,
    }
    return "\n\n".join(f"**{name}.** {text}" for name, text in parts.items())
