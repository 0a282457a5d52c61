"""The Fractures page in process: boxes of the pipeline, sliders without a model run, messages."""

import csv
import dataclasses
import io
import json
import tomllib

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.detectors import register
from tests.pages.conftest import dashboard, shown_text
from xray.io import read_radiograph
from xray.models.classifier import load_classifier
from xray.models.detector import chosen, probability_of
from xray.models.registry import ModelEntry, entry, write_entry
from xray.pipeline import Request, analyze
from xray.settings import ROOT
from xray.types.answer import percent


@pytest.fixture(scope="module")
def film() -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (200, 160), np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def registered(weights_folder) -> None:
    register(weights_folder)


def opened(*files: tuple[str, bytes]) -> AppTest:
    page = dashboard()
    page.switch_page("pages/fractures.py").run()
    for name, data in files:
        page.file_uploader[0].upload(name, data)
    return page.run() if files else page


def test_the_table_is_what_the_pipeline_found(registered, film):
    page = opened(("limb.png", film))
    assert not page.exception
    case = analyze(read_radiograph(film, "limb.png"), Request("boxes"))
    found = chosen(case.detections, case.detections.threshold, 0.5)
    rows = page.dataframe[0].value
    assert len(rows) == len(found) > 1
    assert rows["Score"].tolist() == pytest.approx(found.confidence.tolist())
    left, top, right, bottom = found.xyxy[0]
    assert rows["Center"][0] == f"{(left + right) / 2:.0f}, {(top + bottom) / 2:.0f}"


def test_a_slider_moves_boxes_without_asking_the_network(registered, film):
    page = opened(("limb.png", film))
    before, asked = len(page.dataframe[0].value), []
    handle = load_classifier("boxes").module.model[0].register_forward_hook(lambda *_: asked.append(1))
    page.slider(key="confidence:boxes").set_value(0.9).run()
    page.slider(key="overlap").set_value(0.2).run()
    page.toggle(key="near").set_value(True).run()
    handle.remove()
    assert not page.exception
    assert not asked
    assert not page.dataframe or len(page.dataframe[0].value) < before


def test_a_film_without_boxes_is_not_reported_as_healthy_and_has_none_to_correct(registered, film):
    page = opened(("limb.png", film))
    assert "Correct these boxes" in [one.label for one in page.expander]
    page.slider(key="confidence:boxes").set_value(1.0).run()
    assert not page.exception
    assert "No fracture box has a score of 1.000 or more." in shown_text(page)
    assert [one.label for one in page.expander] == ["Mark missed fractures"]
    assert "Wrong boxes" not in [one.label for one in page.button_group]


def test_score_slider_probability_and_operating_point_are_related_in_one_place(registered, film):
    page = opened(("limb.png", film))
    (case,) = page.session_state["session"].cases.values()
    highest = float(case.detections.confidence.max())
    model = entry("boxes")
    assert percent(probability_of(model, highest)) == percent(case.prediction.probabilities[0])
    text = shown_text(page)
    assert f"The highest, {highest:.3f}, " in text
    assert f"probability of {percent(case.prediction.probabilities[0])}" in text
    page.slider(key="confidence:boxes").set_value(0.7).run()
    assert f"from a score of 0.700 (a probability of {percent(probability_of(model, 0.7))})" in shown_text(
        page
    )


def test_several_films_are_all_in_the_downloads_and_one_is_shown(registered, film, monkeypatch):
    offered = {}
    monkeypatch.setattr(
        "xray.ui.fractures.view.st.download_button",
        lambda label, data, *_, **__: offered.update({label: data}),
    )
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (120, 160), np.uint8)).save(buffer, "PNG")
    films = {"first.png": film, "second.png": buffer.getvalue()}
    page = opened(*films.items())
    assert not page.exception
    expected = {}
    for name, data in films.items():
        detections = analyze(read_radiograph(data, name), Request("boxes", anyway=True)).detections
        expected[name] = chosen(detections, detections.threshold, 0.5).confidence.tolist()
    coco = json.loads(offered["All films (COCO)"]())
    names = {image["id"]: image["file_name"] for image in coco["images"]}
    assert sorted(names.values()) == sorted(films)
    rows = list(csv.DictReader(io.StringIO(offered["All films (CSV)"]())))
    for name, scores in expected.items():
        boxes = [one for one in coco["annotations"] if names[one["image_id"]] == name]
        assert [one["score"] for one in boxes] == pytest.approx(scores, abs=1e-4)
        assert [float(row["score"]) for row in rows if row["file"] == name] == pytest.approx(scores, abs=1e-4)
    assert page.dataframe[0].value["Score"].tolist() == pytest.approx(expected["second.png"])
    assert len(page.dataframe) == 1


@pytest.mark.parametrize("name", ["limb.png", "again.png"])
def test_the_same_film_twice_is_still_shown(registered, film, name):
    page = opened(("limb.png", film), (name, film))
    assert not page.exception
    for button in [one for one in page.button if str(one.key).startswith("show:")]:
        button.click().run()
        assert len(page.dataframe[0].value) > 1


def test_films_without_a_candidate_are_among_all_films(registered, film, monkeypatch):
    """COCO counts them as films without a fracture: left out, the detector would look better than it is."""
    handed = []
    monkeypatch.setattr("xray.ui.fractures.view.downloads", lambda *told: handed.append(told[-1]))
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(Image.open(io.BytesIO(film)))[::-1]).save(buffer, "PNG")
    page = opened(("limb.png", film), ("empty.png", buffer.getvalue()))
    cases = page.session_state["session"].cases
    for key, case in cases.items():
        if case.radiograph.name == "empty.png":
            none = case.detections.among(np.zeros(0, np.int64))
            cases[key] = dataclasses.replace(case, detections=none)
    page.run()
    assert not page.exception
    assert [(radiograph.name, len(found) > 0) for radiograph, found in handed[-1]] == [
        ("limb.png", True),
        ("empty.png", False),
    ]


def test_a_broken_file_is_a_sentence(registered):
    page = opened(("broken.png", b"\x89PNG\r\n\x1a\n and then nothing"))
    assert not page.exception
    assert "broken.png" in shown_text(page)
    assert page.error


def test_an_empty_page_says_what_to_do(registered):
    page = opened()
    assert not page.exception
    assert "Drop films" in shown_text(page)
    assert "python -m xray train" not in shown_text(page)


def test_without_a_detector_the_page_states_how_to_train_one(weights_folder):
    listed = tomllib.loads((ROOT / "weights" / "registry.toml").read_text())["model"]
    classifier = ModelEntry.model_validate(next(one for one in listed if one["id"] == "pneumonia-mobilenet"))
    write_entry(classifier, weights_folder / "registry.toml")
    page = opened()
    assert not page.exception
    assert "python -m xray train fracture-yolov8n" in shown_text(page)
    assert "Drop films" not in shown_text(page)
