"""What the viewer of the Analyze page shows, in process: map, window, mean and variation."""

import base64
import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from streamlit.testing.v1 import AppTest

from tests.corpus import raster
from tests.pages.analyze import insist, menu, opened, sent
from tests.pages.conftest import shown_text, viewers
from xray.evidence.map_uncertainty import MapUncertainty
from xray.render.overlay import Drawing


@pytest.fixture(scope="module")
def analyzed(chest) -> AppTest:
    """The page with a film, for tests that change nothing on it."""
    return opened(("chest.png", chest))


def other_finding(page: AppTest) -> str:
    choice = page.segmented_control[0]
    return next(one for one in choice.options if one != choice.value)


def test_display_controls_never_run_the_model_again(chest, passes):
    page = opened(("chest.png", chest))
    assert len(passes) == 2
    seen = [sent(page)["picture"]]
    for change in (
        {"opacity": 0.9},
        {"threshold": 0.4},
        {"window_center": 0.4},
        {"window_width": 0.5},
        {"colormap": "Viridis"},
    ):
        page.session_state["session"].choice.drawing = Drawing(**change)
        page.run()
        assert not page.exception
        assert sent(page)["picture"] not in seen
        seen.append(sent(page)["picture"])
    page.segmented_control[0].set_value(other_finding(page)).run()
    assert sent(page)["picture"] not in seen
    assert len(passes) == 2


def test_the_viewer_receives_the_film_and_the_raw_map_of_the_finding(analyzed):
    (case,) = analyzed.session_state["session"].cases.values()
    told, explanation = sent(analyzed), case.explanation(case.answer.finding)
    assert (told["film"]["height"], told["film"]["width"], told["film"]["bits"]) == (512, 512, 8)
    values = np.frombuffer(base64.b64decode(told["map"]["values"]), "<f4")
    assert np.array_equal(values.reshape(told["map"]["height"], -1), explanation.raw_map)
    assert told["map"]["scale"] == max(one.raw_max for one in case.explanations)
    assert told["map"]["ownScale"] == explanation.raw_max


def test_the_zones_of_the_lungs_are_shown_for_a_chest_film(analyzed):
    (case,) = analyzed.session_state["session"].cases.values()
    shares = case.lungs.shares(case.explanation(case.answer.finding))
    assert f"{shares['right upper']:.0%},{shares['left upper']:.0%}" in shown_text(analyzed)
    assert [len(outline) > 8 for outline in sent(analyzed)["outlines"]] == [True, True]


def test_only_muted_and_empty_maps_are_noted(chest):
    """A sideways chest gives uncertain predictions, so that each state of the map occurs."""
    sideways = raster(np.asarray(Image.open(io.BytesIO(chest))).T, "PNG")
    met = set()
    for data in (chest, sideways):
        page = opened(("film.png", data))
        insist(page)
        (case,) = page.session_state["session"].cases.values()
        for finding in case.prediction.findings:
            page.segmented_control[0].set_value(finding).run()
            positive = case.explanation(finding).has_positive_evidence
            muted = positive and not case.prediction.at_operating_point(finding)
            assert ("map is muted" in shown_text(page)) == muted
            assert ("No positive evidence" in shown_text(page)) == (not positive)
            met.add((positive, muted))
    assert met == {(True, False), (True, True), (False, False)}


def test_the_variation_of_the_heatmap_is_computed_once_on_request(chest, monkeypatch):
    """Stored values are NaN where the quotient is not defined."""
    requests, offered = [], {}

    def uncertainty(model, film, method, finding, progress):
        requests.append((method.name, finding))
        progress(0.5)
        values = np.full((2, 2), np.nan, np.float32)
        values[0] = 0.5, 2.0
        mean = replace(case.explanation(finding), method="mean of Grad-CAM", raw_map=np.ones_like(values))
        return MapUncertainty(method.title, mean, values, 7, 1)

    monkeypatch.setattr("xray.ui.analyze.map_display.map_uncertainty", uncertainty)
    monkeypatch.setattr(
        "xray.ui.analyze.view.st.download_button", lambda label, data, *_, **__: offered.update({label: data})
    )
    page = opened(("chest.png", chest))
    (case,) = page.session_state["session"].cases.values()
    finding = case.answer.finding
    assert not requests
    displays = page.session_state["session"].displays
    displays[case.radiograph.sha256,] = "Variation"
    page.run()
    assert not page.exception
    assert requests == [("gradcam", finding)]
    assert "Standard deviation divided by mean, of 7 maps" in shown_text(page)
    assert "Median inside the line: 1.25." in shown_text(page)
    shown = next(one for one in viewers(page) if one["map"])
    assert (shown["map"]["scale"], shown["map"]["height"], len(shown["contours"])) == (1.0, 2, 1)
    stored = np.load(io.BytesIO(offered["Raw map (NPY)"]()))
    assert np.array_equal(stored, [[0.5, 2.0], [np.nan, np.nan]], equal_nan=True)
    with zipfile.ZipFile(io.BytesIO(offered["DICOM (ZIP)"]())) as archive:
        encoded = dcmread(io.BytesIO(archive.read("map.dcm"))).pixel_array
    assert np.array_equal(encoded, case.explanation(finding).raw_map)
    displays[case.radiograph.sha256,] = "Mean"
    page.run()
    assert "Mean of 7 maps" in shown_text(page)
    assert len(requests) == 1


def test_a_slow_method_runs_once_for_one_choice_and_states_its_passes_before(chest, monkeypatch):
    runs = []

    def explain(model, film, method, findings, progress):
        runs.append((method.name, *findings))
        progress(0.5)
        return None, tuple(replace(case.explanation(finding), method=method.name) for finding in findings)

    monkeypatch.setattr("xray.ui.common.maps.explain", explain)
    page = opened(("chest.png", chest))
    (case,) = page.session_state["session"].cases.values()
    method = menu(page, "Method")
    assert "Score-CAM · hundreds of passes" in method.options
    method.set_value("scorecam").run()
    assert not page.exception
    assert runs == [("scorecam", case.answer.finding)]
    page.run()
    assert len(runs) == 1
    assert not [button for button in page.button if button.label == "Stop"]
