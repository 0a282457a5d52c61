"""The Analyze page in process: the answer, the values, and what happens without weights."""

import tomllib
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.analyze import opened
from tests.pages.conftest import dashboard, shown_text
from xray.io import read_radiograph
from xray.io.encode import case_facts
from xray.models.registry import ModelEntry, write_entry
from xray.pipeline import analyze
from xray.settings import ROOT
from xray.types.answer import percent
from xray.ui.common import cases


@pytest.fixture(scope="module")
def analyzed(chest) -> AppTest:
    """The page with a film, for tests that change nothing on it."""
    return opened(("chest.png", chest))


def test_an_empty_page_says_what_to_do_and_that_it_is_no_diagnosis():
    page = dashboard()
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


def test_weights_that_are_not_the_registered_ones_stop_the_page_with_a_sentence(weights_folder, chest):
    registry = (ROOT / "weights" / "registry.toml").read_text()
    entry = ModelEntry(**tomllib.loads(registry)["model"][0])
    write_entry(entry.model_copy(update={"sha256": "0" * 64}), weights_folder / "registry.toml")
    (weights_folder / entry.weights).write_bytes((ROOT / "weights" / entry.weights).read_bytes())
    page = opened(("chest.png", chest))
    assert not page.exception
    assert f"{entry.weights} is not the file that the registry names." in shown_text(page)
