"""How a model was trained: its losses, and on how many films, for how long, on what."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from xray.models.figures import Epoch, ModelFigures
from xray.ui.common.charts import AMBER, BLUE, GRAY
from xray.ui.common.messages import literal
from xray.ui.models.curves import GUESS, laid_out
from xray.ui.models.figures_tab import PLAIN


def training_tab(told: ModelFigures) -> None:
    facts = {
        "Training films": told.learning_films,
        "Auxiliary films": told.helping_films or None,
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
            "Training minimizes the loss. Where the validation loss rises while the training loss "
            "falls, a network learns its films by heart. Training films are changed at random, so their loss "
            "may be the higher one. Dotted lines part the stages, named above."
        )
    if told.machine:
        st.caption(f"Trained on {literal(told.machine)}.")


def losses(epochs: list[Epoch]) -> go.Figure:
    """Loss on films learned from and on validation films, stages told apart."""
    figure = go.Figure()
    numbers = list(range(1, len(epochs) + 1))
    for name, values, color, dash, symbol in (
        ("training", [one.loss for one in epochs], AMBER, "solid", "circle"),
        ("validation", [one.validation_loss for one in epochs], BLUE, "dash", "diamond"),
    ):
        figure.add_scatter(
            x=numbers,
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": color, "width": 2, "dash": dash},
            marker={"size": 7, "symbol": symbol},
            hovertemplate="epoch %{x}: %{y:.3f}",
        )
    stages = [one.stage for one in epochs]
    for index, stage in enumerate(stages):
        if index == 0 or stage != stages[index - 1]:
            if index:
                figure.add_vline(x=index + 0.5, line=GUESS)
            figure.add_annotation(
                x=index + 0.5,
                xanchor="left",
                y=1,
                yref="paper",
                yanchor="bottom",
                text=stage,
                showarrow=False,
                font={"color": GRAY},
            )
    laid_out(figure, "Epoch", "Loss", 380)
    figure.update_layout(margin={"t": 28}, showlegend=True, legend={"orientation": "h", "y": -0.22})
    figure.update_xaxes(range=[0.5, len(epochs) + 0.5], dtick=max(1, len(epochs) // 10))
    return figure
