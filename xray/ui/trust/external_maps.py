"""Maps of other programs on the Trust page: files that are checked beside the maps of the methods."""

from __future__ import annotations

import streamlit as st

from xray.errors import UnusableMap
from xray.explain import external_explanation
from xray.io.map_files import Scale, read_map
from xray.io.png import SIGNATURE
from xray.models.ensemble import model_of
from xray.types import Case, Explanation
from xray.ui.common.checks import title_of
from xray.ui.common.escaping import literal


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
            try:
                values, file = read_map(data, name, scale if data.startswith(SIGNATURE) else None)
                explanation = external_explanation(
                    model_of(case.prediction), case.radiograph, finding, values, file
                )
            except UnusableMap as error:
                st.error(literal(str(error)), icon=":material/broken_image:")
                continue
            title = title_of(explanation)
            maps[f"{title} ({len(maps) + 1})" if title in maps else title] = explanation
            if explanation.file and explanation.file.note:
                st.caption(literal(f"{name}: {explanation.file.note}"))
    return maps


def _scale() -> Scale:
    """Show inputs for the values of black and white of pictures."""
    with st.container(horizontal=True):
        black = st.number_input("Value of black", value=0.0, key="value of black", width=160)
        white = st.number_input("Value of white", value=1.0, key="value of white", width=160)
    return black, white
