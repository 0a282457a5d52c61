"""Two linked viewers of a planted film, and the state that Python receives, as text."""

import json
from dataclasses import asdict

import numpy as np
import streamlit as st

from tests.lungs import planted_lungs
from xray.geometry import Affine
from xray.types import Case, Explanation, GateResult, Prediction, Radiograph
from xray.ui.viewer import Box, viewer

HEIGHT, WIDTH = 600, 900
FINDING = "Opacity"


def planted() -> Case:
    """A 16-bit film whose values encode the position, and a map of 5 x 7 cells on part of it."""
    pixels = (np.arange(HEIGHT * WIDTH, dtype=np.float32) % 65536 / 65535).reshape(HEIGHT, WIDTH)
    film = Radiograph(pixels, "planted.png", bit_depth=16, spacing_mm=(0.5, 0.25))
    raw = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)
    to_source = Affine(110.0, 0.0, 20.0, 0.0, 100.0, 30.0)
    explanation = Explanation("gradcam", "0", FINDING, raw, to_source, (HEIGHT, WIDTH), "planted", "0" * 64)
    one = np.array([0.7], np.float32)
    said = Prediction("planted", "0" * 64, (FINDING,), one, one, one / 2)
    return Case(
        film, said, (explanation,), GateResult(True, "", "", "accepted"), lungs=planted_lungs((HEIGHT, WIDTH))
    )


if __name__ == "__main__":
    st.set_page_config(layout="wide")
    case = planted()
    left, right = st.columns(2)
    with left:
        tools = ("rectangle", "ellipse", "brush")
        viewed = viewer(
            case.radiograph,
            key="left",
            case=case,
            finding=FINDING,
            tools=tools,
            marking=False,
            linked="both",
            height=420,
        )
    chosen = st.session_state.setdefault("chosen", [])
    with right:
        boxes = [Box((100, 100, 200, 180), "1 · 62%")]
        viewer(
            case.radiograph,
            key="right",
            boxes=boxes,
            linked="both",
            sync_drawing=False,
            height=420,
            on_box=chosen.append,
        )
    heard = asdict(viewed.drawing) | {"regions": [one.to_browser() for one in viewed.regions]}
    heard |= {"chosen": chosen}
    st.text(json.dumps(heard))
