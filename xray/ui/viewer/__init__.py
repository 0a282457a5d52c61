"""The viewer: film, heatmap, boxes and marks in one canvas, all handled in the browser (plain JavaScript)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st

from xray.explain import METHODS
from xray.render.overlay import COLORMAPS, Drawing
from xray.types import Case, Pixels, Radiograph
from xray.ui.session import session
from xray.ui.viewer import payload
from xray.ui.viewer.region import Kind, Region

__all__ = ["Box", "Kind", "Region", "Viewed", "draw_rectangles", "viewer"]

HERE = Path(__file__).parent
SCRIPTS = ("film", "heat", "view", "marks", "bar", "scene", "input", "viewer")


@dataclass(frozen=True)
class Box:
    """left, top, right, bottom in source pixels; kind: found, near (drawn thin), truth (drawn dashed), mark
    (the user's own) or peak (a cross in its middle).
    """

    box: Sequence[float]
    label: str = ""
    kind: str = "found"


@dataclass(frozen=True)
class Viewed:
    """How the map is drawn now, and what the user has marked."""

    drawing: Drawing
    regions: tuple[Region, ...] = ()


_mount = st.components.v2.component(
    "viewer",
    html=(HERE / "viewer.html").read_text(encoding="utf-8"),
    css=(HERE / "viewer.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / "js" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS),
)


def viewer(
    radiograph: Radiograph,
    *,
    key: str,
    case: Case | None = None,
    finding: str = "",
    boxes: Sequence[Box] | None = None,
    tools: Sequence[Kind] = (),
    marking: bool = True,
    linked: str = "",
    scale: float | None = None,
    parts: Literal["all", "controls", "picture"] = "all",
    told: bool = True,
    height: int = 620,
) -> Viewed:
    """A film to look at, with the heatmap of a Case's finding, boxes, and tools to mark regions.

    marking: whether the first tool is in hand at once. linked: viewers of the same name move and are drawn
    alike. scale: the raw value in the brightest color, in place of the Case's own. parts: controls
    alone act on linked viewers. told: whether a change of the drawing comes back here, once at rest.
    """
    drawing = drawn()
    shown = []
    if case:
        made = case.explanation(finding).method
        shown.append(f"with the heatmap for {finding}, {METHODS[made].title if made in METHODS else made}")
    if boxes is not None:
        shown.append(f"with {sum(box.kind == 'found' for box in boxes)} boxes")
    marks = session().marks
    place = (key, radiograph.sha256)
    name = f"{key}:{radiograph.sha256}"

    def redraw() -> None:
        session().drawing = from_browser(st.session_state[name]["drawing"], drawn())

    def mark() -> None:
        marks[place] = tuple(filter(None, map(Region.from_browser, st.session_state[name]["marks"])))

    _mount(
        data={
            "film": payload.film(radiograph),
            "map": payload.heat(case, finding, scale) if case else None,
            "boxes": [asdict(box) for box in boxes or ()],
            "tools": list(tools),
            "marking": marking,
            "marks": [region.to_browser() for region in marks.get(place, ())],
            "colormaps": payload.color_tables(),
            "drawing": told_browser(drawing),
            "spacing": radiograph.spacing_mm,
            "picture": "" if parts == "controls" else payload.still(radiograph, case, finding, drawing),
            "alt": " ".join([f"Radiograph {radiograph.name}", *shown]),
            "linked": linked,
            "told": told,
            "parts": parts,
            "swipe": case is not None,
            "height": height,
        },
        key=name,
        on_drawing_change=redraw,
        on_marks_change=mark,
    )
    return Viewed(drawing, marks.get(place, ()))


def draw_rectangles(radiograph: Radiograph, key: str) -> Pixels:
    """Show a film to draw on; the rectangles (n, 4) as left, top, right, bottom in source pixels."""
    regions = viewer(radiograph, key=key, tools=("rectangle",), told=False, height=520).regions
    return np.array([region.box for region in regions], np.float32).reshape(-1, 4)


def drawn() -> Drawing:
    """How maps are drawn in this session."""
    return session().drawing or Drawing()


def told_browser(drawing: Drawing) -> dict[str, Any]:
    return {
        "opacity": drawing.opacity,
        "threshold": drawing.threshold,
        "colormap": drawing.colormap,
        "center": drawing.window_center,
        "width": drawing.window_width,
        "own": drawing.own_scale,
        "negative": drawing.negative,
    }


def from_browser(told: Any, before: Drawing) -> Drawing:
    """What the browser says of the drawing; the drawing before where that is nonsense."""
    try:
        numbers = {
            name: min(1.0, max(0.0, float(told[name])))
            for name in ("opacity", "threshold", "center", "width")
        }
        return Drawing(
            opacity=numbers["opacity"],
            threshold=numbers["threshold"],
            colormap=told["colormap"] if told["colormap"] in COLORMAPS else before.colormap,
            window_center=numbers["center"],
            window_width=max(0.02, numbers["width"]),
            own_scale=bool(told["own"]),
            negative=bool(told["negative"]),
        )
    except (KeyError, TypeError, ValueError):
        return before
