"""The trust card: the button that checks the map, the verdict, and the checks as they are completed."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from xray.evidence import CHECKS, Question, verdict_of
from xray.evidence.context import Box
from xray.evidence.verdict import COUNTED, VOTING
from xray.explain import METHODS
from xray.types import Case, Check
from xray.ui.analyze.check_pictures import AXES, SIDE, curves_svg, small_maps
from xray.ui.common.checks import badge, checked, checks_kept, without_limits
from xray.ui.common.escaping import literal
from xray.ui.common.verdict import verdict_line


def check_button() -> bool:
    """Show the button that checks the map; return whether it was clicked."""
    return st.button(
        "Check map",
        icon=":material/fact_check:",
        key="check map",
        help="Can this map be believed? Takes a few seconds: the network runs again with parts of the film "
        "hidden, with randomized weights, and on slightly changed films. Mark the finding on the film to "
        "check its location too.",
    )


def trust_card(
    case: Case, finding: str, boxes: tuple[Box, ...], beside: DeltaGenerator, *, requested: bool
) -> None:
    """Show the verdict in one line, and every check with its result, picture and reason.

    Args:
        case: The Case with the map of the chosen method.
        finding: The finding that is explained.
        boxes: Regions that the user marked, in source pixels.
        beside: Place beside the film for the verdict and the number of completed checks.
        requested: Whether the user requests the checks; earlier results are shown in any case.
    """
    explanation = case.explanation(finding)
    if not requested and not checks_kept(case, explanation, boxes):
        limited = without_limits(explanation)
        beside.markdown(f":gray[Map: not checked.{f' {literal(limited)}' if limited else ''}]")
        return
    with st.container(border=True):
        st.markdown(
            f"**Can this map be believed?** {METHODS[explanation.method].title} of {literal(finding)}"
        )
        verdict, progress = st.empty(), st.empty()
        counted = st.container()
        details = st.expander("Details that do not count toward the verdict")
        done: list[Check] = []
        for check in checked(case, explanation, boxes):
            with counted if check.name in COUNTED else details:
                check_row(check)
            done.append(check)
            line = ""
            if {*VOTING} <= {each.name for each in done}:
                line = verdict_line(verdict_of(explanation, done))
                verdict.markdown(line)
            progress.caption(f"{len(done)} of {len(CHECKS)} checks")
            beside.markdown(f"{line} :gray[{len(done)} of {len(CHECKS)} checks]".lstrip())
        beside.markdown(line)
        rates = verdict_of(explanation, done).rates
        progress.caption(literal(f"{rates} {summary(done)}".lstrip()))


def check_row(check: Check) -> None:
    """Show one check: question and result, a small picture, the reason."""
    question = CHECKS[check.name]
    left, picture, why = st.columns([5, 4, 8], gap="medium", vertical_alignment="center")
    left.markdown(f"**{question.title}:** {question.question}")
    with left.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(badge(check.name, check.verdict), width="content")
        with st.popover(
            "",
            icon=":material/help:",
            type="tertiary",
            help="How it is measured and how it can mislead",
            key=f"how:{check.name}",
        ):
            st.markdown(explanation_of(question))
            if check.details:
                values = "; ".join(f"{name} {value:.2f}" for name, value in check.details.items())
                st.caption(literal(f"Further values: {values}."))
    with picture:
        if check.curves:
            axes = AXES[check.name]
            alt = f"{question.title}: {', '.join(check.curves)}; {axes[1]} by {axes[0]}"
            st.image(curves_svg(check.curves, *axes), alt=alt)
        if check.maps:
            pictures = small_maps(check.maps, gray=check.name == "shortcut")
            st.image([*pictures.values()], caption=[*pictures], width=SIDE if len(pictures) < 3 else 40)
    why.markdown(literal(check.why))
    why.caption(f"{check.seconds:.1f} s")


def summary(done: list[Check]) -> str:
    """How many checks passed of those that could be judged."""
    conclusive = [check for check in done if check.verdict != "cannot be judged"]
    passed = sum(check.verdict == "passed" for check in conclusive)
    return (
        "Deletion and Insertion decide together, compared with two copies of the map in other places; "
        "Randomization, Location and Shortcut can overrule them. "
        f"{passed} of {len(conclusive)} checks passed, {len(done) - len(conclusive)} could not be judged; "
        f"{sum(check.seconds for check in done):.1f} s."
    )


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
