"""Data sent to the browser keep the bit depth of the film; data received from it are validated."""

import numpy as np
import pytest

from xray.render.overlay import Drawing
from xray.types import Radiograph
from xray.ui.session import Session
from xray.ui.viewer import drawing_from_browser, drawing_to_browser, payload
from xray.ui.viewer.payload import samples

RAMP = np.linspace(0, 1, 65536, dtype=np.float32).reshape(256, 256)


@pytest.mark.parametrize(
    ("bits", "top", "kind"), [(8, 255, np.uint8), (12, 65535, "<u2"), (16, 65535, "<u2")]
)
def test_samples_are_the_nearest_of_their_depth(bits, top, kind):
    found = np.frombuffer(samples(Radiograph(RAMP.copy(), "ramp.png", bit_depth=bits)), kind)
    assert found.reshape(RAMP.shape) / top == pytest.approx(RAMP, abs=0.5 / top + 1e-7)
    assert len(np.unique(found)) == top + 1


def test_a_drawing_comes_back_as_it_was_sent():
    drawing = Drawing(0.3, 0.2, "Viridis", 0.4, 0.7, own_scale=True, negative=True)
    assert drawing_from_browser(drawing_to_browser(drawing), Drawing()) == drawing


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        7,
        {"opacity": 1},
        {**drawing_to_browser(Drawing()), "width": None},
        {**drawing_to_browser(Drawing()), "opacity": "x"},
    ],
)
def test_nonsense_leaves_the_drawing_as_it_was(told):
    before = Drawing(opacity=0.1)
    assert drawing_from_browser(told, before) == before


def test_what_is_out_of_range_is_brought_back():
    told = drawing_to_browser(Drawing()) | {"opacity": 7, "width": 0, "colormap": "Jet"}
    found = drawing_from_browser(told, Drawing(colormap="Magma"))
    assert (found.opacity, found.window_width, found.colormap) == (1.0, 0.02, "Magma")


def test_a_picture_is_encoded_again_only_if_its_film_or_window_changes(monkeypatch):
    session, encoded = Session(), []
    encode = payload._jpeg
    monkeypatch.setattr(payload, "session", lambda: session)
    monkeypatch.setattr(payload, "address", lambda data, *_names: data)
    monkeypatch.setattr(payload, "_jpeg", lambda *given: (encoded.append(given), encode(*given))[1])
    film, other = Radiograph(RAMP, "ramp.png"), Radiograph(RAMP[::-1].copy(), "other.png")
    first = payload.still(film, None, "", Drawing())
    assert payload.still(film, None, "", Drawing()) == first
    assert len(encoded) == 1
    assert payload.still(film, None, "", Drawing(window_center=0.2)) != first
    assert payload.still(other, None, "", Drawing()) != first
    assert len(encoded) == 3
    for center in np.linspace(0.1, 0.9, 60):
        payload.still(film, None, "", Drawing(window_center=float(center)))
    assert len(session.stills) == payload.STILLS
    session.keep_only([other])
    assert not session.stills
