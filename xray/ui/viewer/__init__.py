"""The viewer: film, heatmap, boxes and marks on one canvas, rendered in the browser in plain JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from xray.explain import METHODS
from xray.render.overlay import COLORMAPS, Drawing
from xray.types import Case, Pixels, Radiograph
from xray.ui.session import session
from xray.ui.viewer import payload
from xray.ui.viewer.region import Kind, Region

__all__ = ["Box", "Kind", "Region", "Viewed", "current_drawing", "draw_rectangles", "viewer"]

HERE = Path(__file__).parent
SCRIPTS = (
    "film",
    "heat",
    "view",
    "marks",
    "tip",
    "bar",
    "scene",
    "status",
    "actions",
    "input",
    "keyboard",
    "viewer",
)


@dataclass(frozen=True)
class Box:
    """A box over the film.

    Attributes:
        box: Left, top, right, bottom in source pixels.
        label: Text above the box.
        kind: Found, near (thin), truth (dashed), mark (by the user) or peak (a cross in its center).
        chosen: Whether its border is thick.
    """

    box: Sequence[float]
    label: str = ""
    kind: str = "found"
    chosen: bool = False


@dataclass(frozen=True)
class Viewed:
    """The current drawing of the map and the regions that the user marked."""

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
    contours: Sequence[NDArray[np.float64]] = (),
    parts: Literal["all", "controls", "picture"] = "all",
    sync_drawing: bool = True,
    displays: Sequence[str] = (),
    display: str = "",
    on_display: Callable[[str], None] | None = None,
    on_box: Callable[[int], None] | None = None,
    on_place: Callable[[float, float], None] | None = None,
    height: int | None = 620,
) -> Viewed:
    """Show a film with a heatmap, boxes and tools to mark regions.

    Args:
        radiograph: The film.
        key: Key of the widget.
        case: The Case whose map is shown, and on request the outline of its lungs; None shows neither.
        finding: The finding of the map.
        boxes: Boxes over the film.
        tools: Tools with which the user can mark regions.
        marking: Whether the first tool is active at the start.
        linked: Viewers with the same name share position and drawing.
        scale: Raw value of the brightest color; that of the Case if None.
        contours: Polygons (n, 2) in source pixels, drawn as lines with the heatmap.
        parts: All, the picture alone, or controls that act on linked viewers.
        sync_drawing: Whether a change of the drawing reruns the page, once no change is in progress.
        displays: Names of what can be shown over the film; empty for no choice.
        display: The name of what is shown.
        on_display: Callback that receives the name that the user chooses.
        on_box: Callback that receives the index of a found box on which the user clicks.
        on_place: Callback that receives the point (x, y), in source pixels, on which the user clicks.
        height: Largest height of the picture in CSS pixels; None for the height of the window.

    Returns:
        The current drawing and the marked regions.
    """
    drawing = current_drawing()
    shown = []
    if case:
        method = case.explanation(finding).method
        shown.append(
            f"with the heatmap for {finding}, {METHODS[method].title if method in METHODS else method}"
        )
    if boxes is not None:
        shown.append(f"with {sum(box.kind == 'found' for box in boxes)} boxes")
    marks = session().marks
    marks_key = (key, radiograph.sha256)
    name = f"{key}:{radiograph.sha256}"

    def redraw() -> None:
        session().choice.drawing = drawing_from_browser(st.session_state[name]["drawing"], current_drawing())

    def mark() -> None:
        marks[marks_key] = tuple(filter(None, map(Region.from_browser, st.session_state[name]["marks"])))

    def choose() -> None:
        chosen = st.session_state[name]["display"]
        if on_display and chosen in displays:
            on_display(chosen)

    def pick() -> None:
        number = st.session_state[name]["box"]
        if on_box and isinstance(number, int) and 0 <= number < len(boxes or ()):
            on_box(number)

    def place() -> None:
        try:
            x, y = map(float, st.session_state[name]["place"])
        except (TypeError, ValueError):
            return
        if on_place and 0 <= x < radiograph.pixels.shape[1] and 0 <= y < radiograph.pixels.shape[0]:
            on_place(x, y)

    picture = "" if parts == "controls" else payload.still(radiograph, case, finding, drawing, scale)
    _mount(
        data={
            "film": payload.film(radiograph),
            "map": payload.heat(case, finding, scale) if case else None,
            "boxes": [asdict(box) for box in boxes or ()],
            "outlines": [outline.tolist() for outline in case.lungs.outlines] if case and case.lungs else [],
            "contours": [polygon.tolist() for polygon in contours],
            "tools": list(tools),
            "marking": marking,
            "marks": [region.to_browser() for region in marks.get(marks_key, ())],
            "colormaps": payload.color_tables(),
            "drawing": drawing_to_browser(drawing),
            "spacing": radiograph.spacing_mm,
            "picture": picture,
            "alt": " ".join([f"Radiograph {radiograph.name}", *shown]),
            "linked": linked,
            "syncDrawing": sync_drawing,
            "parts": parts,
            "swipe": case is not None,
            "displays": list(displays),
            "display": display,
            "choosing": on_box is not None,
            "placing": on_place is not None,
            "height": height,
        },
        key=name,
        on_drawing_change=redraw,
        on_marks_change=mark,
        on_display_change=choose,
        on_box_change=pick,
        on_place_change=place,
    )
    return Viewed(drawing, marks.get(marks_key, ()))


def draw_rectangles(radiograph: Radiograph, key: str) -> Pixels:
    """Show a film to draw on; the rectangles (n, 4) as left, top, right, bottom in source pixels."""
    regions = viewer(radiograph, key=key, tools=("rectangle",), height=520).regions
    return np.array([region.box for region in regions], np.float32).reshape(-1, 4)


def current_drawing() -> Drawing:
    """Return how maps are drawn in this session."""
    choice = session().choice
    if choice.drawing is None and choice.window:
        return Drawing(window_center=choice.window[0], window_width=choice.window[1])
    return choice.drawing or Drawing()


def drawing_to_browser(drawing: Drawing) -> dict[str, Any]:
    return {
        "opacity": drawing.opacity,
        "threshold": drawing.threshold,
        "colormap": drawing.colormap,
        "center": drawing.window_center,
        "width": drawing.window_width,
        "own": drawing.own_scale,
        "negative": drawing.negative,
    }


def drawing_from_browser(sent: Any, before: Drawing) -> Drawing:
    """Return the drawing that the browser sent, or the one before if the data is invalid."""
    try:
        numbers = {
            name: min(1.0, max(0.0, float(sent[name])))
            for name in ("opacity", "threshold", "center", "width")
        }
        return Drawing(
            opacity=numbers["opacity"],
            threshold=numbers["threshold"],
            colormap=sent["colormap"] if sent["colormap"] in COLORMAPS else before.colormap,
            window_center=numbers["center"],
            window_width=max(0.02, numbers["width"]),
            own_scale=bool(sent["own"]),
            negative=bool(sent["negative"]),
        )
    except (KeyError, TypeError, ValueError):
        return before
