"""The Analyze page in process: content, refusals, and when the model runs."""

import base64
import io
import json
import tomllib
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.corpus import raster
from tests.pages.conftest import dashboard, shown_text, viewers
from xray.evidence.map_uncertainty import MapUncertainty
from xray.io import read_radiograph
from xray.io.encode import case_facts
from xray.models.classifier import load_classifier
from xray.models.registry import ModelEntry, write_entry
from xray.pipeline import analyze
from xray.render.overlay import Drawing
from xray.settings import ROOT, settings
from xray.types.answer import percent
from xray.ui.common import cases
from xray.ui.common.escaping import literal


@pytest.fixture
def passes():
    """Counts the forward passes of the default model: one for the answer, one for its interval."""
    counted = []
    handle = load_classifier().module.register_forward_hook(lambda *_: counted.append(1))
    yield counted
    handle.remove()


def opened(*files: tuple[str, bytes]) -> AppTest:
    page = dashboard()
    for name, data in files:
        page.file_uploader[0].upload(name, data)
    return page.run() if files else page


@pytest.fixture(scope="module")
def analyzed(chest) -> AppTest:
    """The page with a film, for tests that change nothing on it."""
    return opened(("chest.png", chest))


def menu(page: AppTest, label: str) -> Any:
    return next(one for one in page.selectbox if one.label == label)


def insist(page: AppTest) -> None:
    """Analyze a film that the gate refuses."""
    for button in page.button:
        if button.label == "Analyze anyway":
            button.click().run()


def test_an_empty_page_says_what_to_do_and_that_it_is_no_diagnosis():
    page = opened()
    assert not page.exception
    assert "Drop films" in shown_text(page)
    assert "Never for diagnosis" in shown_text(page)


def test_a_film_gets_the_same_case_as_from_the_pipeline(analyzed, chest):
    assert not analyzed.exception
    (case,) = analyzed.session_state["session"].cases.values()
    assert case_facts(case) == case_facts(analyze(read_radiograph(chest, "chest.png")))
    table = analyzed.table[0].value
    assert list(table["Finding"]) == list(case.prediction.findings)
    assert list(table["Probability"]) == [*map(percent, case.prediction.probabilities)]


def test_a_probability_has_the_same_digits_everywhere(analyzed):
    (case,) = analyzed.session_state["session"].cases.values()
    answer = case.answer
    written = percent(answer.probability)
    sentence = f"{answer.finding}: {written} ("
    assert f"({written}, operating point {percent(answer.operating_point)})" in case.answer.statement
    assert sentence in shown_text(analyzed)
    assert f"its operating point of {percent(answer.operating_point)} (logit" in shown_text(analyzed)
    assert written in analyzed.table[0].value["Probability"].tolist()


def test_the_page_opens_on_the_called_finding_and_states_the_answer(chest, monkeypatch):
    def with_other_points(radiograph, request):
        case = analyze(radiograph, request)
        points = np.float32([0.999, 0.001])  # the less likely finding is called
        return replace(case, prediction=replace(case.prediction, thresholds=points))

    monkeypatch.setattr(cases, "analyze", with_other_points)
    page = opened(("chest.png", chest))
    (case,) = page.session_state["session"].cases.values()
    assert case.prediction.most_likely == "Normal"
    assert "Where the model looked for Pneumonia" in shown_text(page)
    assert f"**Answer:** {case.answer.statement}" in shown_text(page)
    assert case.answer.statement.startswith("Calls Pneumonia (")


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
        page.session_state["session"].drawing = Drawing(**change)
        page.run()
        assert not page.exception
        assert sent(page)["picture"] not in seen
        seen.append(sent(page)["picture"])
    page.segmented_control[0].set_value(other_finding(page)).run()
    assert sent(page)["picture"] not in seen
    assert len(passes) == 2


def sent(page: AppTest) -> dict[str, Any]:
    """The data of the viewer; the address of its still picture is a hash of the drawing."""
    (viewer,) = page.get("bidi_component")
    return json.loads(viewer.proto.json)


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


def other_finding(page: AppTest) -> str:
    choice = page.segmented_control[0]
    return next(one for one in choice.options if one != choice.value)


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


def test_a_broken_file_gets_a_message_and_the_valid_file_a_prediction(chest):
    page = opened(("notes.png", b"not a film"), ("chest.png", chest))
    assert not page.exception
    assert len(page.error) == 1
    assert "notes.png is text, not an image. Upload a PNG, JPEG, TIFF, BMP" in shown_text(page)
    assert len(page.session_state["session"].cases) == 1


def test_an_inverted_film_is_inverted_and_analyzed_by_one_button(chest):
    samples = np.asarray(Image.open(io.BytesIO(chest)))
    inverted = raster(np.iinfo(samples.dtype).max - samples, "PNG")
    page = opened(("film.png", inverted))
    assert "This film seems to be inverted" in shown_text(page)
    (button,) = [one for one in page.button if one.label == "Invert and analyze"]
    button.click().run()
    assert not page.exception
    (case,) = page.session_state["session"].cases.values()
    assert case.gate.accepted
    assert case.radiograph.notes[-1] == "Gray values inverted by the user."
    assert case.gate.compared in shown_text(page)


def test_a_refused_film_is_analyzed_only_when_insisted_and_marked_then(chest, passes):
    upside_down = raster(np.asarray(Image.open(io.BytesIO(chest)))[::-1], "PNG")
    page = opened(("film.png", upside_down))
    assert "film.png: This film seems to be upside down." in shown_text(page)
    assert not passes
    assert "Model predictions" not in shown_text(page)
    insist(page)
    assert not page.exception
    assert "Analyzed although the input gate refused it" in shown_text(page)
    assert "Model predictions" in shown_text(page)
    (case,) = page.session_state["session"].cases.values()
    assert case.gate.kind == "upside down"


def test_several_films_are_switched_by_their_thumbnails(chest, passes):
    darker = raster(np.asarray(Image.open(io.BytesIO(chest))) // 2, "PNG")
    page = opened(("first.png", chest), ("second.png", darker))
    assert "second.png" in shown_text(page)
    next(button for button in page.button if button.label == literal("first.png")).click().run()
    assert "first.png · 512 × 512 px" in shown_text(page)
    assert len(passes) == 4
    next(button for button in page.button if button.label == literal("second.png")).click().run()
    assert len(passes) == 4


def test_results_of_a_closed_film_are_dropped(chest):
    page = opened(("chest.png", chest))
    page.file_uploader[0].clear()
    page.run()
    assert not page.exception
    assert not page.session_state["session"].films
    assert not page.session_state["session"].cases
    assert "Drop films" in shown_text(page)


def test_weights_that_are_not_the_registered_ones_stop_the_page_with_a_sentence(weights_folder, chest):
    registry = (ROOT / "weights" / "registry.toml").read_text()
    entry = ModelEntry(**tomllib.loads(registry)["model"][0])
    write_entry(entry.model_copy(update={"sha256": "0" * 64}), weights_folder / "registry.toml")
    (weights_folder / entry.weights).write_bytes((ROOT / "weights" / entry.weights).read_bytes())
    page = opened(("chest.png", chest))
    assert not page.exception
    assert f"{entry.weights} is not the file that the registry names." in shown_text(page)


def test_a_link_shows_the_same_sample_model_finding_and_method():
    page = opened()
    page.sidebar.selectbox[0].set_value("findings-cnn").run()
    page.menu_button[0].click_index(0).run()
    menu(page, "Finding to explain").set_value("Mass").run()
    menu(page, "Method").set_value("layercam").run()
    asked = dict(page.query_params)
    assert asked["model"] == "findings-cnn"
    (link,) = [one.value for one in page.code if "sample=" in one.value]
    assert dict(parse_qsl(link.partition("?")[2])) == asked
    other = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    for name, value in asked.items():
        other.query_params[name] = value
    other.run()
    assert not other.exception
    (one,), (two,) = (shown.session_state["session"].cases.values() for shown in (page, other))
    assert case_facts(one) == case_facts(two)
    assert menu(other, "Finding to explain").value == "Mass"
    assert menu(other, "Method").value == "layercam"
    other.button(key="close films").click().run()
    assert "sample" not in other.query_params


def test_a_failed_download_of_a_sample_is_reported_and_simulated_samples_remain(monkeypatch, tmp_path):
    monkeypatch.setenv("XRAY_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nothing listens there
    settings.cache_clear()
    try:
        page = opened()
        menu = page.menu_button[0]
        menu.click_index(len(menu.options) - 1).run()
        assert not page.exception
        assert "cannot be downloaded" in page.warning[0].value
        page.menu_button[0].click_index(0).run()
        assert "Simulated radiograph" in shown_text(page)
        page.button(key="close films").click().run()
        assert "Drop films" in shown_text(page)
        assert not page.session_state["session"].cases
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_the_variation_of_the_heatmap_is_computed_once_on_request(chest, monkeypatch):
    """Stored values are NaN where the quotient is not defined."""
    requests, offered = [], {}

    def uncertainty(model, film, method, finding, progress):
        requests.append((method.name, finding))
        progress(0.5)
        values = np.full((2, 2), np.nan, np.float32)
        values[0] = 0.5, 2.0
        mean = replace(case.explanation(finding), method="mean of Grad-CAM", raw_map=np.ones_like(values))
        return MapUncertainty(mean, values, 7, 1)

    monkeypatch.setattr("xray.ui.analyze.map_display.map_uncertainty", uncertainty)
    monkeypatch.setattr(
        "xray.ui.analyze.view.st.download_button", lambda label, data, *_, **__: offered.update({label: data})
    )
    page = opened(("chest.png", chest))
    (case,) = page.session_state["session"].cases.values()
    finding = case.answer.finding
    assert not requests
    display = next(one for one in page.segmented_control if "Variation" in one.options)
    display.set_value("Variation").run()
    assert not page.exception
    assert requests == [("gradcam", finding)]
    assert "Standard deviation divided by mean, of 7 maps" in shown_text(page)
    assert "Median inside the line: 1.25." in shown_text(page)
    shown = next(one for one in viewers(page) if one["map"])
    assert (shown["map"]["scale"], shown["map"]["height"], len(shown["contours"])) == (1.0, 2, 1)
    stored = np.load(io.BytesIO(offered["Raw map (NPY)"]()))
    assert np.array_equal(stored, [[0.5, 2.0], [np.nan, np.nan]], equal_nan=True)
    next(one for one in page.segmented_control if "Variation" in one.options).set_value("Mean").run()
    assert "Mean of 7 maps" in shown_text(page)
    assert len(requests) == 1
