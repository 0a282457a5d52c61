"""What a visitor chose to see: one choice for all pages, and its form in a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the first page shows before it is imported
    from xray.render.overlay import Drawing

MODEL_POINTS = "Model"  # the operating points that belong to the model
SHARED_POINTS = {"0.4 for all": 0.4}  # one point for all findings: that of an earlier system


@dataclass
class Choice:
    """Choices that all pages share. A page ignores a choice that it cannot offer, which keeps it for others.

    Attributes:
        model: Id of the model; empty for the first one that a page offers.
        detector: Id of the detector of pages that offer only detectors, used if the model is none.
        described: Id of a model that only the Models page offers, while that page shows it.
        findings: Chosen finding by the sha256 of a film; other films show what the model calls.
        method: Name of the explanation method; empty for the fastest.
        points: Name of the operating points, MODEL_POINTS or one of SHARED_POINTS.
        drawing: How films and heatmaps are drawn; None for the defaults.
        window: Center and width of the window in [0, 1] that a link names, used without a drawing.
    """

    model: str = ""
    detector: str = ""
    described: str = ""
    findings: dict[str, str] = field(default_factory=dict)
    method: str = ""
    points: str = MODEL_POINTS
    drawing: Drawing | None = None
    window: tuple[float, float] | None = None

    @classmethod
    def from_link(cls, parameters: Mapping[str, str]) -> Choice:
        """Read the query parameters of a link; what cannot be read stays at its default."""
        model = parameters.get("model", "")
        return cls(
            model=model,
            detector=model,
            method=parameters.get("method", ""),
            points=next(
                (name for name, point in SHARED_POINTS.items() if f"{point:g}" == parameters.get("points")),
                MODEL_POINTS,
            ),
            window=_window(parameters.get("window", "")),
        )


def _window(text: str) -> tuple[float, float] | None:
    try:
        center, width = map(float, text.split(","))
    except ValueError:
        return None
    return (center, width) if 0 <= center <= 1 and 0 < width <= 1 else None
