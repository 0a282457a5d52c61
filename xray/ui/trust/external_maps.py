"""Maps of other programs on the Trust page: files that are checked beside the maps of the methods."""

from __future__ import annotations

import hashlib

import streamlit as st

from xray.errors import UnusableMap
from xray.explain import external_explanation
from xray.io.map_files import Scale, read_map
from xray.io.png import SIGNATURE
from xray.models.ensemble import model_of
from xray.types import Case, Explanation
from xray.ui.common.checks import title_of
from xray.ui.common.escaping import literal
from xray.ui.session import session


def external_maps(case: Case, finding: str) -> dict[str, Explanation]:
    """Show an uploader for maps of the film, and a message for each file that is not one.

    Args:
        case: The Case of the film.
        finding: The finding that the maps explain.

    Returns:
        The maps by title.
    """
    maps: dict[str, Explanation] = {}
    with st.expander("Add maps from other programs", icon=":material/upload_file:"):
        st.caption(
            f"Maps of this film for {literal(finding)}: NPY files with one array of 2 dimensions, or gray "
            "PNG files. A map has the size of the film or of the network's input, or is a grid with the same "
            "aspect ratio. Higher values mean more evidence; negative values count against the finding."
        )
        files = st.file_uploader(
            "Maps",
            type=["npy", "png"],
            accept_multiple_files=True,
            label_visibility="collapsed",
            key=f"external maps:{case.radiograph.sha256}",
        )
        contents = [(file.name, file.getvalue()) for file in files]
        pictures = any(data.startswith(SIGNATURE) for _, data in contents)
        scale = _scale() if pictures else None
        for name, data in contents:
            explanation = explanation_of(case, finding, name, data, scale)
            if isinstance(explanation, UnusableMap):
                st.error(literal(str(explanation)), icon=":material/broken_image:")
                continue
            title = title_of(explanation)
            maps[f"{title} ({len(maps) + 1})" if title in maps else title] = explanation
            if explanation.file and explanation.file.note:
                st.caption(literal(f"{name}: {explanation.file.note}"))
    return maps


def explanation_of(
    case: Case, finding: str, name: str, data: bytes, scale: Scale | None
) -> Explanation | UnusableMap:
    """Read a map once per session, or return why the file is not one.

    Args:
        case: The Case of the film.
        finding: The finding that the map explains.
        name: Name of the file.
        data: Content of the file.
        scale: Values of black and white, for a PNG file.
    """
    scale = scale if data.startswith(SIGNATURE) else None
    film, model_id = case.radiograph, case.prediction.model_id
    key = (film.sha256, model_id, finding, name, hashlib.sha256(data).digest(), scale)
    kept = session().external_maps
    if key not in kept:
        try:
            values, file = read_map(data, name, scale)
            kept[key] = external_explanation(model_of(case.prediction), film, finding, values, file)
        except UnusableMap as error:
            kept[key] = error
    return kept[key]


def _scale() -> Scale:
    """Show inputs for the values of black and white of pictures."""
    with st.container(horizontal=True):
        black = st.number_input("Value of black", value=0.0, key="value of black", width=160)
        white = st.number_input("Value of white", value=1.0, key="value of white", width=160)
    return black, white
