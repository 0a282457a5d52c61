"""One film with several models, methods and findings, in a grid of linked viewers."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Literal

import streamlit as st
from PIL import Image

from xray import NOTICE
from xray.errors import RefusedRadiograph, XrayError
from xray.explain import METHODS
from xray.io.result_files import short_stem
from xray.models.ensemble import model_of
from xray.models.registry import ModelEntry, entry
from xray.render.overlay import Drawing, downsampled_case, overlay, strength
from xray.render.sheet import sheet
from xray.types import Case, Explanation, Radiograph
from xray.ui.common.cases import (
    at_chosen_points,
    case_of,
    fallback_notice,
    linked_finding,
    loaded,
    refused,
)
from xray.ui.common.confidence import sentence
from xray.ui.common.escaping import literal
from xray.ui.common.links import link_button
from xray.ui.common.maps import linked_method, maps_of, ordered
from xray.ui.common.messages import fragment, show_error
from xray.ui.common.open_in_analyze import open_button
from xray.ui.compare.agreement import agreement
from xray.ui.session import session
from xray.ui.viewer import current_drawing, viewer

MAX_MAPS, ROW = 12, 3  # maps shown, maps in a row


@dataclass(frozen=True, eq=False)
class Cell:
    """One map of the grid.

    Attributes:
        case: The Case of the model, for the prediction.
        explanation: The map of one finding by one method.
        scale: Raw value of the brightest color, the same for all maps of a method.
    """

    case: Case
    explanation: Explanation
    scale: float = 0.0

    @property
    def title(self) -> str:
        """Model and method."""
        return f"{entry(self.case.prediction.model_id).title} · {METHODS[self.explanation.method].title}"

    @property
    def line(self) -> str:
        """Finding and probability."""
        return sentence(self.case.prediction, self.explanation.finding).split(" (")[0]


@fragment
def one_film(film: Radiograph, models: list[ModelEntry], linked: str) -> None:
    """Show the choices, the linked grid of maps, their agreement, and a download of the grid.

    Args:
        film: The film.
        models: The models to choose from.
        linked: Id of the model that all pages share; the choices start with it.
    """
    cells = grid_of(film, models, linked)
    if not cells:
        return
    st.caption(
        "The viewers are linked: drag to pan, drag with the right button to change the window, click a film "
        "or hold Ctrl and use the wheel to zoom. Maps of one method share one scale; values of different "
        "methods have different units."
    )
    view(cells[0], "controls of the grid", "controls")
    for start in range(0, len(cells), ROW):
        for number, column in enumerate(st.columns(ROW), start):
            if number < len(cells):
                with column:
                    st.markdown(
                        f"**{number + 1} · {literal(cells[number].title)}**  \n{literal(cells[number].line)}"
                    )
                    view(cells[number], f"cell {number}", "picture")
                    cell = cells[number]
                    open_button(
                        film,
                        session().shown,
                        cell.case.prediction.model_id,
                        cell.explanation.finding,
                        cell.explanation.method,
                        name=f"cell {number}",
                        of=cell.title,
                    )
    agreement([cell.title for cell in cells], [cell.explanation for cell in cells])
    with st.container(horizontal=True):
        st.download_button(
            "Grid (PNG)",
            lambda: grid_png(film, cells),
            f"{short_stem(film.name)}-compared.png",
            "image/png",
            on_click="ignore",
            icon=":material/download:",
        )
        link_button()


def grid_of(film: Radiograph, models: list[ModelEntry], linked: str) -> list[Cell]:
    """The chosen maps, at first those that the other pages show; a refusal of the film is shown per model."""
    titles = {model.id: model.title for model in models}
    columns = st.columns([2, 3, 2])
    chosen = columns[0].multiselect(
        "Models",
        titles,
        [linked],
        format_func=titles.__getitem__,
        key=f"compared models:{linked}",
        persist_state="session",
    )
    cases = {}
    for model_id in chosen:
        loaded(model_id)
        try:
            cases[model_id] = at_chosen_points(case_of(film, model_id))
        except RefusedRadiograph as refusal:
            refused(refusal, film, model_id)
        except XrayError as error:
            show_error(error)
        else:
            fallback_notice(cases[model_id])
    model_ids = ",".join(cases)
    supported = list(
        dict.fromkeys(name for case in cases.values() for name in ordered(model_of(case.prediction))[0])
    )
    method = linked_method(supported) if supported else ""
    quick = [name for name in supported if METHODS[name].explains_all and name != method]
    methods = columns[1].multiselect(
        "Methods",
        supported,
        [method, *quick[:2]] if method else [],
        format_func=lambda name: METHODS[name].title,
        key=f"compared methods:{model_ids}:{method}",
        persist_state="session",
    )
    findings = list(dict.fromkeys(finding for case in cases.values() for finding in case.prediction.findings))
    first = list(dict.fromkeys(map(linked_finding, cases.values())))
    chosen_findings = columns[2].multiselect(
        "Findings",
        findings,
        first,
        key=f"compared findings:{model_ids}:{film.sha256}:{','.join(first)}",
        persist_state="session",
    )
    requested = [
        (case, name, finding)
        for case in cases.values()
        for name in methods
        for finding in chosen_findings
        if finding in case.prediction.findings and not METHODS[name].refusal(model_of(case.prediction))
    ]
    if cases and not requested:
        st.info("Choose a method and a finding that the model reports.", icon=":material/grid_view:")
    if not chosen:
        st.info("Choose a model.", icon=":material/grid_view:")
    if len(requested) > MAX_MAPS:
        st.warning(f"The first {MAX_MAPS} of {len(requested)} maps are shown.", icon=":material/grid_view:")
    cells = [
        Cell(case, maps_of(case, METHODS[name], (finding,))[0])
        for case, name, finding in requested[:MAX_MAPS]
    ]
    return scaled(cells)


def scaled(cells: list[Cell]) -> list[Cell]:
    """Set the scale of every cell to the highest raw value of all maps of its method."""
    highest: dict[str, float] = {}
    for cell in cells:
        name = cell.explanation.method
        highest[name] = max(highest.get(name, 0.0), cell.explanation.raw_max)
    return [replace(cell, scale=highest[cell.explanation.method]) for cell in cells]


def view(cell: Cell, key: str, parts: Literal["controls", "picture"]) -> None:
    """Show a map of the linked grid, or the controls of the grid."""
    case = replace(cell.case, explanations=(cell.explanation,))
    viewer(
        case.radiograph,
        key=key,
        case=case,
        finding=cell.explanation.finding,
        scale=cell.scale,
        linked="compare",
        parts=parts,
        sync_drawing=parts == "controls",
        height=420,
    )


def grid_png(film: Radiograph, cells: list[Cell], drawing: Drawing | None = None) -> bytes:
    """The grid as one labeled picture (PNG)."""
    drawing, pictures = drawing or current_drawing(), []
    for cell in cells:
        small = downsampled_case(replace(cell.case, explanations=(cell.explanation,)), 512)
        heat = strength(small.explanations[0].heatmap(), cell.scale, negative=drawing.negative)
        muted = not cell.case.prediction.at_operating_point(cell.explanation.finding)
        picture = overlay(small.radiograph.pixels, heat, drawing, muted=muted)
        pictures.append((picture, f"{cell.title}\n{cell.line}\nBrightest color: {cell.scale:.3g}"))
    buffer = io.BytesIO()
    foot = f"{film.name} · {NOTICE}"
    Image.fromarray(sheet(pictures, min(ROW, len(cells)), foot)).save(buffer, "PNG")
    return buffer.getvalue()
