"""Data for the browser: samples of the film, raw values of the map, color tables."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

import cv2
import numpy as np
import streamlit as st
from streamlit import runtime

from xray.imaging.transforms import downsampled
from xray.render.overlay import (
    COLORMAPS,
    SHOWN_SIDE,
    Drawing,
    colors,
    downsampled_case,
    draw,
    scale_of,
    windowed,
)
from xray.types import Case, Radiograph
from xray.ui.session import session

STILLS = 48  # pictures kept in a session, of about 100 KB each


def film(radiograph: Radiograph) -> dict[str, Any]:
    """URL, size and depth of the samples: uint8 (H, W), or uint16 if the source has more than 8 bits."""
    kept = session().samples
    key = (radiograph.sha256, radiograph.bit_depth > 8)
    if key not in kept:
        kept[key] = samples(radiograph)
    height, width = radiograph.pixels.shape
    bits = 16 if radiograph.bit_depth > 8 else 8
    return {
        "url": address(kept[key], "application/octet-stream", f"film {radiograph.sha256}"),
        "width": width,
        "height": height,
        "bits": bits,
    }


def samples(radiograph: Radiograph) -> bytes:
    """Pixels of the film in row-major order, little-endian."""
    if radiograph.bit_depth > 8:
        return (radiograph.pixels * np.float32(65535) + np.float32(0.5)).astype("<u2").tobytes()
    return (radiograph.pixels * np.float32(255) + np.float32(0.5)).astype(np.uint8).tobytes()


def heat(case: Case, finding: str, scale: float | None = None) -> dict[str, Any]:
    """Raw map of a finding, its transform to source pixels, and the scales of its colors."""
    explanation = case.explanation(finding)
    to_source, (height, width) = explanation.to_source, explanation.raw_map.shape
    scales = {
        name: scale
        if scale is not None and not per_map
        else scale_of(case, finding, per_map=per_map, negative=negative)
        for name, per_map, negative in (
            ("scale", False, False),
            ("ownScale", True, False),
            ("scaleBoth", False, True),
            ("ownScaleBoth", True, True),
        )
    }
    return scales | {
        "values": base64.b64encode(np.ascontiguousarray(explanation.raw_map, "<f4").tobytes()).decode(),
        "height": height,
        "width": width,
        "toSource": [getattr(to_source, name) for name in ("xx", "xy", "x0", "yx", "yy", "y0")],
        "muted": not case.prediction.at_operating_point(finding),
    }


@cache
def color_tables() -> dict[str, str]:
    """The 256 colors of each color map, as base64 of uint8 (256, 3)."""
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None]
    return {name: base64.b64encode(colors(ramp, name).tobytes()).decode() for name in COLORMAPS}


def still(
    radiograph: Radiograph, case: Case | None, finding: str, drawing: Drawing, scale: float | None = None
) -> str:
    """URL of the picture that is shown if the viewer cannot run; drawn again only if it changes."""
    kept, key = session().stills, (radiograph.sha256, (*_map_key(case, finding, drawing), scale), drawing)
    encoded = kept.pop(key, None) or _jpeg(radiograph, case, finding, drawing, scale)
    kept[key] = encoded  # the last one used is the last one dropped
    while len(kept) > STILLS:
        del kept[next(iter(kept))]
    return address(encoded, "image/jpeg", f"still {hashlib.sha256(encoded).hexdigest()}")


def _map_key(case: Case | None, finding: str, drawing: Drawing) -> tuple[object, ...]:
    """All that the drawn map depends on besides the drawing."""
    if case is None:
        return ()
    explanation = case.explanation(finding)
    return (
        hashlib.sha256(explanation.raw_map.tobytes()).digest(),
        explanation.raw_map.shape,
        explanation.to_source,
        scale_of(case, finding, per_map=drawing.own_scale, negative=drawing.negative),
        case.prediction.at_operating_point(finding),
    )


def _jpeg(
    radiograph: Radiograph, case: Case | None, finding: str, drawing: Drawing, scale: float | None
) -> bytes:
    if case is None:
        picture = windowed(downsampled(radiograph, SHOWN_SIDE).pixels, drawing)
    else:
        picture = np.ascontiguousarray(draw(downsampled_case(case), finding, drawing, scale)[..., ::-1])
    encoded: bytes = cv2.imencode(".jpg", picture)[1].tobytes()
    return encoded


def address(data: bytes, mime: str, coordinates: str) -> str:
    """The URL at which this session's browser fetches the data.

    Streamlit has no public way to serve bytes to a component (1.67); sent as component data, the samples of a
    large film would be encoded as text and sent again in each run.
    """
    base = st.get_option("server.baseUrlPath").strip("/")
    found = runtime.get_instance().media_file_mgr.add(data, mime, coordinates)
    return f"/{base}{found}" if base else found
