"""Choice of the method, trust card and Trust page in process: they show the measured values."""

import csv
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import dashboard, shown_text, viewers
from xray.evidence import CHECKS, check, check_context, checks, verdict_of
from xray.evidence.limits import limits_file, limits_of, study_file
from xray.explain import METHODS, explain
from xray.io import read_radiograph
from xray.models.classifier import load_classifier
from xray.models.registry import ModelEntry, write_entry
from xray.render.overlay import Drawing
from xray.settings import ROOT
from xray.types import Check, MapVerdict
from xray.ui.analyze.trust_card import explanation_of
from xray.ui.trust.view import checks_csv

MODEL, FINDING = "findings-cnn", "Effusion"  # the quickest network


@pytest.fixture
def analyzed(chest) -> AppTest:
    """The Analyze page with a film, explained for one finding."""
    page = dashboard()
    page.sidebar.selectbox[0].set_value(MODEL).run()
    page.file_uploader[0].upload("chest.png", chest)
    page.run()
    finding(page).set_value(FINDING).run()
    assert not page.exception
    return page


def finding(page: AppTest):
    return next(one for one in page.selectbox if one.label in ("Finding to explain", "Finding"))


def sent(page: AppTest) -> dict[str, Any]:
    """The data of the viewer."""
    return viewers(page)[0]


@pytest.mark.parametrize("name", ["layercam", pytest.param("occlusion", marks=pytest.mark.slow)])
def test_the_method_chosen_makes_the_map(analyzed, chest, name):
    before = sent(analyzed)["map"]["values"]
    analyzed.selectbox(key=f"method:{MODEL}").set_value(name).run()
    assert not analyzed.exception
    assert sent(analyzed)["map"]["values"] != before
    assert f"{METHODS[name].title} at" in shown_text(analyzed)
    made = {one.finding: one for kept in analyzed.session_state["session"].maps.values() for one in kept}
    film = read_radiograph(chest, "chest.png")
    (expected,) = explain(load_classifier(MODEL), film, METHODS[name], [FINDING])[1]
    assert made[FINDING].raw_map == pytest.approx(expected.raw_map, rel=1e-3, abs=1e-5)
    assert (len(made) == 1) == (not METHODS[name].explains_all)


def test_negative_evidence_is_shown_on_request(analyzed):
    analyzed.session_state["session"].choice.drawing = Drawing(negative=True)
    analyzed.run()
    assert not analyzed.exception
    assert "Colors from -" in shown_text(analyzed)


def test_the_trust_card_shows_the_results_of_the_checks(analyzed, chest):
    before = shown_text(analyzed)
    assert "checks passed" not in before
    assert ("No limits were measured for findings-cnn" in before) == (not limits_file(MODEL).exists())
    analyzed.button(key="check map").click().run()
    assert not analyzed.exception
    film, method = read_radiograph(chest, "chest.png"), METHODS["gradcam"]
    model = load_classifier(MODEL)
    (explanation,) = explain(model, film, method, [FINDING])[1]
    put = check_context(model, film, explanation, limits=limits_of(explanation))
    told, done = shown_text(analyzed), list(checks(put))
    for one in done:
        assert CHECKS[one.name].question in told
        assert one.why in told
    assert "checks passed" in told
    verdict = verdict_of(explanation, done)
    assert f"Map: {verdict.support}** {verdict.reason}".replace("** ", "**] ") in told
    analyzed.session_state["session"].choice.drawing = Drawing(opacity=0.9)
    analyzed.run()
    assert "checks passed" in shown_text(analyzed), "a display control keeps the card"


def sections_of_the_document() -> dict[str, str]:
    """docs/evidence.md by heading, each paragraph in one line."""
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    sections = (part.split("\n", 1) for part in text.split("\n## ")[1:])
    return {
        title: "\n\n".join(" ".join(paragraph.split()) for paragraph in body.strip().split("\n\n"))
        for title, body in sections
    }


@pytest.mark.parametrize("question", CHECKS.values(), ids=list(CHECKS))
def test_the_page_explains_every_check_as_the_documentation_does(question):
    assert explanation_of(question) == sections_of_the_document()[question.title]
    assert question.paper in question.description.references


@pytest.mark.slow
def test_the_trust_page_compares_methods_in_a_table(chest):
    page = dashboard()
    page.switch_page("pages/trust.py").run()
    page.sidebar.selectbox[0].set_value(MODEL).run()
    page.file_uploader[0].upload("chest.png", chest)
    page.run()
    page.multiselect[0].set_value(["gradcam", "layercam"]).run()
    assert not page.exception
    maps = [viewer["map"]["values"] for viewer in viewers(page) if viewer["parts"] == "picture"]
    assert len(set(maps)) == 2
    page.toggle(key="check all").set_value(True).run()
    assert not page.exception
    table = next(one.value for one in page.dataframe if "Map" in one.value.columns)
    assert list(table.index) == ["Grad-CAM", "LayerCAM"]
    assert set(table.columns) == {"Map", "Seconds", *(one.title for one in CHECKS.values())}
    done = page.session_state["session"].checks.values()
    for title, support in table["Map"].items():
        assert f"{title}: :" in shown_text(page), "every verdict has a reason"
        assert f"Map: {support}" in shown_text(page)
    assert table["Deletion"].tolist() == [
        one.value for some in done for one in some if one.name == "deletion"
    ]


def test_the_checks_of_every_map_are_downloaded_with_value_and_verdict():
    deletion = Check("deletion", 0.25, 0.1, 0.2, "passed", "Above, as it should be.", 1.0)
    location = Check("location", float("nan"), 0.1, 0.2, "cannot be judged", "No place is marked.", 1.0)
    verdict = MapVerdict("cannot tell", "One check passed; one could not be made.")
    table = checks_csv({"Grad-CAM": [deletion, location]}, {"Grad-CAM": verdict})
    head, *lines = csv.reader(io.StringIO(table))
    assert head == ["map", "verdict on the map", "reason", "check", "value", "verdict", "why"]
    start = ["Grad-CAM", "cannot tell", "One check passed; one could not be made."]
    assert lines == [
        [*start, "Deletion", "0.25", "passed", "Above, as it should be."],
        [*start, "Location", "", "cannot be judged", "No place is marked."],
    ]


@pytest.fixture
def measured(weights_folder) -> ModelEntry:
    """A model in a folder without figures."""
    facts = entry_of(ROOT / "weights" / "registry.toml", MODEL)
    write_entry(facts, weights_folder / "registry.toml")
    (weights_folder / facts.weights).write_bytes((ROOT / "weights" / facts.weights).read_bytes())
    return facts


def entry_of(registry: Path, model_id: str) -> ModelEntry:
    listed = tomllib.loads(registry.read_text())["model"]
    return next(ModelEntry(**one) for one in listed if one["id"] == model_id)


def trust_page() -> AppTest:
    page = dashboard()
    page.switch_page("pages/trust.py").run()
    assert not page.exception
    return page


def test_without_a_study_the_page_shows_the_command(measured):
    assert f"python -m xray evaluate-explanations {MODEL} --keep" in trust_page().code[0].value


def test_a_study_is_shown_with_its_controls_and_a_published_benchmark(measured):
    values = {"value": 0.31, "random": 0.12, "centered": 0.22, "passed": 0.5}
    figures = {key: {"value": value, "low": 0.1, "high": 0.6, "n": 9} for key, value in values.items()}
    told = {
        "command": "python -m xray evaluate-explanations",
        "weights_sha256": measured.sha256,
        "n": 9,
        "films": 9,
        "interval": "95%",
        "methods": {"gradcam": {"location": figures}},
    }
    study_file(MODEL).write_text(json.dumps(told))
    page = trust_page()
    assert page.dataframe[0].value["Location"].to_dict() == {
        "Grad-CAM": "0.31 (0.10 to 0.60), n 9",
        "Maps without meaning": "0.12 (0.10 to 0.60), n 9",
        "Centered Gaussian": "0.22 (0.10 to 0.60), n 9",
    }
    assert any("doi:10.1038/s42256-022-00536-x" in caption.value for caption in page.caption)
    assert not page.table


def test_a_study_of_other_weights_is_not_shown(measured):
    study_file(MODEL).write_text(json.dumps({"weights_sha256": "0" * 64, "methods": {}}))
    assert "--keep" in trust_page().code[0].value


def test_the_page_shows_the_benchmark_of_the_checks():
    page = trust_page()
    measured = json.loads(limits_file(page.sidebar.selectbox[0].value).read_text())["benchmark"]
    shown = page.dataframe[0].value
    assert list(shown.index) == ["Map: supported", "Deletion", "Insertion", "ROAD", "Agreement"]
    true = measured["verdict"]["true"]
    assert shown["True maps"].iloc[0] == f"{true['value']:.0%} of {true['n']}"
    assert shown["AUROC"].iloc[0] == f"{measured['verdict']['auroc']:.3f}"
    assert {"Edges", "Mirrored", "Randomized network"} <= set(shown.columns)


def test_a_model_whose_checks_were_not_measured_says_so(measured):
    assert any("were not measured" in info.value for info in trust_page().info)


def test_maps_of_other_programs_are_shown_and_checked_beside_those_of_the_methods(chest, monkeypatch):
    def checked(case, explanation, boxes, film=None):
        yield check(check_context(load_classifier(MODEL), case.radiograph, explanation), "location")

    monkeypatch.setattr("xray.ui.trust.view.checked", checked)
    page = dashboard()
    page.switch_page("pages/trust.py").run()
    page.sidebar.selectbox[0].set_value(MODEL).run()
    page.file_uploader[0].upload("chest.png", chest)
    page.run()
    page.multiselect[0].set_value([]).run()
    page.file_uploader[1].upload("map.npy", npy_of(np.arange(49.0).reshape(7, 7)))
    page.file_uploader[1].upload("wide.npy", npy_of(np.arange(20.0).reshape(2, 10)))
    page.run()
    assert not page.exception
    assert "wide.npy has 10 x 2 values (width x height). It fits neither" in shown_text(page)
    (shown,) = [viewer for viewer in viewers(page) if viewer["parts"] == "picture"]
    assert (shown["map"]["height"], shown["map"]["width"]) == (7, 7)
    page.toggle(key="check all").set_value(True).run()
    assert not page.exception
    table = next(one.value for one in page.dataframe if "Map" in one.value.columns)
    assert list(table.index) == ["External map: map.npy"]
    assert "External map: map.npy: :gray-badge[:material/help: **Map: cannot tell**]" in shown_text(page)


def npy_of(values: np.ndarray) -> bytes:
    stored = io.BytesIO()
    np.save(stored, values)
    return stored.getvalue()
