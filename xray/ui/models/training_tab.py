"""How a model was trained: its losses, and on how many films, for how long, on what."""

from __future__ import annotations

import streamlit as st

from xray.models.figures import ModelFigures
from xray.ui.common.text import literal
from xray.ui.models.calibration_charts import losses
from xray.ui.models.figures_tab import PLAIN


def training_tab(told: ModelFigures) -> None:
    facts = {
        "Films learned from": told.learning_films,
        "Films that only help": told.helping_films or None,
        "Validation films": told.validation.n if told.validation else None,
        "Epochs": len(told.epochs) or None,
        "Minutes": round(told.seconds / 60) if told.seconds else None,
    }
    with st.grid(5, min_column_width=130):
        for label, value in facts.items():
            if value is not None:
                st.metric(label, f"{value:,}", border=True)
    if told.epochs:
        st.plotly_chart(
            losses(told.epochs), config=PLAIN, key="losses", alt="Loss per epoch, training and validation"
        )
        st.caption(
            "The loss is what training makes small. Where the validation loss rises while the training loss "
            "falls, a network learns its films by heart. Training films are changed at random, so their loss "
            "may be the higher one. Dotted lines part the stages, named above."
        )
    if told.machine:
        st.caption(f"Trained on {literal(told.machine)}.")
