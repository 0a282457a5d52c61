"""Why: what the reference is and how certain it is, where the model looked, and what the checks say."""

from __future__ import annotations

import streamlit as st

from xray.evidence import verdict_of
from xray.learn.deck import Question
from xray.learn.scores import Reference
from xray.learn.why import where_the_model_looked, why_reference
from xray.types import Case, MapVerdict
from xray.ui.common.checks import checked
from xray.ui.common.escaping import literal
from xray.ui.common.verdict import verdict_line


def why(case: Case | None, question: Question, reference: Reference) -> None:
    """Show why the reference and the model answer as they do; without a Case, only the reference."""
    st.markdown("**Why**")
    st.markdown(f"Reference: {literal(why_reference(reference))}")
    if case is not None:
        looked = where_the_model_looked(case, question.model_finding, reference)
        st.markdown(f"Model: {literal(looked)}")
        st.markdown(verdict_line(verdict_on_map(case, question.model_finding)))


def verdict_on_map(case: Case, finding: str) -> MapVerdict:
    """The verdict on the map of a finding; its checks run once per session."""
    explanation = case.explanation(finding)
    return verdict_of(explanation, list(checked(case, explanation, ())))
