"""Film, model, finding, method, operating points and window are one choice on all pages."""

import shutil
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import weights_in
from tests.pages.conftest import dashboard, shown_text, viewers
from xray.examples import Example, examples
from xray.settings import ROOT
from xray.ui.common.opening import shareable
from xray.ui.session import Session

QUICK, FINDING, METHOD = "findings-cnn", "Mass", "layercam"


def labeled(elements, label):
    return next(one for one in elements if one.label == label)


def go_to(page: AppTest, name: str) -> AppTest:
    page.switch_page(f"pages/{name}.py").run()
    assert not page.exception
    return page


def state_of(page: AppTest) -> Session:
    return page.session_state["session"]


@pytest.fixture(scope="module")
def chosen(chest) -> AppTest:
    """The dashboard with a film; model, finding, method and operating points were chosen on Analyze."""
    page = dashboard()
    page.file_uploader[0].upload("chest.png", chest)
    page.run()
    page.sidebar.selectbox[0].set_value(QUICK).run()
    labeled(page.selectbox, "Finding to explain").set_value(FINDING).run()
    labeled(page.selectbox, "Method").set_value(METHOD).run()
    labeled(page.button_group, "Operating points").set_value("0.4 for all").run()
    assert not page.exception
    return page


def test_compare_starts_with_what_is_shown(chosen):
    go_to(chosen, "compare")
    assert labeled(chosen.multiselect, "Models").value == [QUICK]
    assert labeled(chosen.multiselect, "Methods").value[0] == METHOD
    assert labeled(chosen.multiselect, "Findings").value == [FINDING]


def test_what_if_shows_the_finding_at_the_chosen_operating_points(chosen):
    go_to(chosen, "whatif")
    assert labeled(chosen.selectbox, "Finding").value == FINDING
    assert "below its operating point of 40.0%" in shown_text(chosen)
    assert "Operating points: 0.4 for all" in shown_text(chosen)


def test_a_finding_chosen_on_another_page_is_shown_on_analyze(chosen):
    go_to(chosen, "trust")
    assert labeled(chosen.selectbox, "Finding").value == FINDING
    assert METHOD in labeled(chosen.multiselect, "Methods").value
    labeled(chosen.selectbox, "Finding").set_value("Edema").run()
    go_to(chosen, "analyze")
    assert labeled(chosen.selectbox, "Finding to explain").value == "Edema"
    assert labeled(chosen.selectbox, "Method").value == METHOD
    labeled(chosen.selectbox, "Finding to explain").set_value(FINDING).run()


def test_the_models_page_shows_the_model_and_audits_the_open_film(chosen):
    go_to(chosen, "models")
    assert chosen.sidebar.selectbox[0].value == QUICK
    assert "On the films that are open now (n = 1)." in shown_text(chosen)
    chosen.sidebar.selectbox[0].set_value("pneumonia-mobilenet").run()
    assert state_of(chosen).choice.model == "pneumonia-mobilenet"
    chosen.sidebar.selectbox[0].set_value("gate-mobilenet").run()
    assert chosen.sidebar.selectbox[0].value == "gate-mobilenet"
    assert state_of(chosen).choice.model == "pneumonia-mobilenet"  # no page analyzes with the gate
    chosen.sidebar.selectbox[0].set_value(QUICK).run()
    assert state_of(chosen).choice.model == QUICK


def test_a_page_for_detectors_keeps_the_model_of_the_other_pages(chosen):
    go_to(chosen, "fractures")
    assert chosen.sidebar.selectbox[0].value == "fracture-yolov8n"
    assert state_of(chosen).choice.model == QUICK


def test_a_link_of_an_opened_film_holds_the_choices_but_not_the_film(chosen):
    go_to(chosen, "analyze")
    (link,) = [one.value for one in chosen.code if "model=" in one.value]
    expected = {"model": QUICK, "method": METHOD, "points": "0.4"}
    assert dict(parse_qsl(link.partition("?")[2])) == expected
    assert "Films that you opened are not part of a link." in shown_text(chosen)
    assert not chosen.query_params


def test_every_example_and_no_other_name_can_be_linked(monkeypatch):
    monkeypatch.setattr(Example, "film", lambda self: self.id)
    for example in examples():
        assert shareable(example.id) == example.id
    assert shareable("chest.png") is None
    assert shareable("") is None


def test_a_link_shows_the_window_and_operating_points():
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=120)
    link = {"sample": "opacity-found", "model": QUICK, "finding": FINDING, "points": "0.4"}
    for name, value in (link | {"window": "0.4,0.6"}).items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    (viewer,) = viewers(page)
    assert (viewer["drawing"]["center"], viewer["drawing"]["width"]) == (0.4, 0.6)
    assert labeled(page.selectbox, "Finding to explain").value == FINDING
    assert labeled(page.button_group, "Operating points").value == "0.4 for all"
    assert page.query_params["window"] == "0.4,0.6"
    assert "The link opens this film" in shown_text(page)


def test_a_fallback_model_is_named_on_every_page_with_its_results(chest, tmp_path):
    weights = shutil.copytree(ROOT / "weights", tmp_path / "weights")
    (weights / "findings-densenet121.safetensors").unlink()
    registry = weights / "registry.toml"  # with another title, so that no loaded network fits
    registry.write_text(registry.read_text().replace("findings · DenseNet121", "findings · missing"))
    with weights_in(weights):
        page = dashboard()
        page.file_uploader[0].upload("chest.png", chest)
        page.run()
        page.sidebar.selectbox[0].set_value("findings-densenet121").run()
        for name in ("analyze", "compare", "trust", "whatif", "report"):
            go_to(page, name)
            assert "answers instead" in " ".join(one.value for one in page.info), name
