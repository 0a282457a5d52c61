"""The tab Training: number of films, duration, losses."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from xray.models.figures import Epoch, ModelFigures
from xray.ui.common.charts import AMBER, BLUE, GRAY, GUESS, PLAIN, laid_out
from xray.ui.common.escaping import chart_text, literal


def training_tab(figures: ModelFigures) -> None:
    """Show how a model was trained."""
    facts = {
        "Training films": figures.learning_films,
        "Auxiliary films": figures.helping_films or None,
        "Validation films": figures.validation.n if figures.validation else None,
        "Epochs": len(figures.epochs) or None,
        "Minutes": round(figures.seconds / 60) if figures.seconds else None,
    }
    with st.grid(5, min_column_width=130):
        for label, value in facts.items():
            if value is not None:
                st.metric(label, f"{value:,}", border=True)
    if figures.epochs:
        st.plotly_chart(
            losses(figures.epochs), config=PLAIN, key="losses", alt="Loss per epoch, training and validation"
        )
        st.caption(
            "If the validation loss rises while the training loss falls, the network is overfitting. "
            "Training films are augmented, so their loss can be the higher one. Dotted lines separate the "
            "stages, named above."
        )
    if figures.machine:
        st.caption(f"Trained on {literal(figures.machine)}.")


def losses(epochs: list[Epoch]) -> go.Figure:
    """Draw the training and validation loss per epoch, with the stages separated."""
    figure = go.Figure()
    numbers = list(range(1, len(epochs) + 1))
    for name, values, color, dash, symbol in (
        ("training", [epoch.loss for epoch in epochs], AMBER, "solid", "circle"),
        ("validation", [epoch.validation_loss for epoch in epochs], BLUE, "dash", "diamond"),
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
    stages = [epoch.stage for epoch in epochs]
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
                text=chart_text(stage),
                showarrow=False,
                font={"color": GRAY},
            )
    laid_out(figure, "Epoch", "Loss", 380)
    figure.update_layout(margin={"t": 28}, showlegend=True, legend={"orientation": "h", "y": -0.22})
    figure.update_xaxes(range=[0.5, len(epochs) + 0.5], dtick=max(1, len(epochs) // 10))
    return figure
