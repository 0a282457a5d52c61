"""The model's answer to a film with its heatmap."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from xray.learn.deck import Question
from xray.learn.scores import absent
from xray.render.overlay import scale_of
from xray.types import Case
from xray.types.answer import percent
from xray.ui.common.escaping import literal
from xray.ui.viewer import Box, viewer


def model_panel(
    case: Case,
    question: Question,
    boxes: Sequence[Box],
    *,
    with_map: bool = True,
    key: str = "model",
    linked: str = "",
    height: int | None = 420,
) -> None:
    """Show the prediction and, on request, its heatmap.

    Args:
        case: The analyzed film.
        question: The question about the film.
        boxes: Boxes over the film, such as those of the reference.
        with_map: Whether to show the heatmap.
        key: Key of the viewer.
        linked: Viewers with the same name share position and drawing; the controls are there.
        height: Largest height of the picture in CSS pixels.
    """
    prediction, finding = case.prediction, question.model_finding
    index = prediction.findings.index(finding)
    probability, point = float(prediction.probabilities[index]), float(prediction.thresholds[index])
    called = question.finding if prediction.at_operating_point(finding) else absent(question.finding)
    st.markdown(f"**Model: {literal(called)}**")
    explanation = case.explanation(finding)
    evidence = ""
    if with_map:
        peak = [Box(explanation.peak * 2, kind="peak")] if explanation.has_positive_evidence else []
        viewer(
            case.radiograph,
            key=key,
            case=case,
            finding=finding,
            boxes=[*boxes, *peak],
            linked=linked,
            scale=scale_of(case, finding, per_map=True),
            parts="picture" if linked else "all",
            height=height,
        )
        evidence = " Cross: maximum of the Grad-CAM." if peak else " The Grad-CAM has no positive evidence."
        if not prediction.at_operating_point(finding):
            evidence += " Below the operating point the map is muted."
    name = "" if finding == question.finding else f" (its finding {literal(finding)})"
    st.caption(
        f"{literal(prediction.model_id)}: {literal(question.finding)}{name} {percent(probability)}, "
        f"{prediction.side(finding)} its operating point of {percent(point)}.{evidence}"
    )
