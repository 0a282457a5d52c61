"""The Models page shows the figures of every model as they are stored."""

import json

import pytest
import tomlkit

from tests.pages.conftest import shown_text
from tests.pages.models.conftest import (
    FILMS,
    MADE_UP,
    bundled,
    made_up_entry,
    metrics,
    opened,
    said,
)
from xray.models.registry import entries
from xray.settings import ROOT


@pytest.mark.parametrize("model_id", bundled())
def test_every_bundled_model_shows_the_figures_in_its_file(model_id):
    page = opened(model_id)
    path = ROOT / "weights" / f"{model_id}.json"
    test = json.loads(path.read_bytes()).get("test") if path.is_file() else None
    if test is None:
        assert f"There are no figures for {model_id}." in shown_text(page)
        return
    assert "evaluate " + model_id + " --split test --json" in shown_text(page)
    shown = [(one.value, one.delta) for one in page.metric][: len(test["metrics"])]
    assert shown == [said(one) for one in test["metrics"].values()]
    assert f"{test['n']} test films of {test['patients']} patients" in shown_text(page)


@pytest.mark.parametrize("model_id", MADE_UP)
def test_all_parts_of_a_model_are_shown(made_up, figures, model_id):
    page = opened(model_id)
    text, told = shown_text(page), figures[model_id]
    assert f"Card of {model_id}" in text
    assert [one.label for one in page.tabs] == ["Figures", "Calibration", "Training", "Card", "Audit"]
    assert len(page.get("plotly_chart")) == 6 + (model_id == "made-up-regions")  # and its confusion matrix
    shown = metrics(page)
    assert shown["Training films"][0] == "1,234"
    assert shown["Minutes"][0] == "2"
    assert "On test films it is 91.0%; the target is 95%." in text
    assert f"{told['test']['conformal']['cannot_tell']:.1%} of the" in text
    name = next(name for name in told["test"]["metrics"] if name.endswith("ece"))
    assert shown["Validation, before"] == said(told["validation_uncalibrated"][name])
    films = page.dataframe[-1].value
    numbers = [f"({n:,})" for n in (FILMS, FILMS, FILMS, FILMS, FILMS * 2 // 3, FILMS // 3)]
    assert [name.rpartition(" ")[2] for name in films["Films (n)"]] == numbers


@pytest.mark.parametrize("model_id", ["made-up-regions", "made-up-several"])
def test_the_table_lists_every_finding_with_its_figures(made_up, figures, model_id):
    table = opened(model_id).dataframe[0].value
    told = figures[model_id]["test"]["findings"]
    assert list(table["Finding"]) == list(told)
    for column, metric in (("AUROC", "auroc"), ("Sensitivity", "sensitivity"), ("ECE", "ece")):
        assert list(table[column]) == [one["metrics"][metric]["value"] for one in told.values()]
    assert list(table["Positives"]) == [one["positives"] for one in told.values()]


def test_a_collection_that_was_not_trained_on_has_a_row(made_up, figures):
    test = figures["made-up-two"]["test"]
    auroc = {"value": 0.71, "low": 0.6, "high": 0.8}
    external = {"n": 12, "patients": 9, "metrics": {"auroc": auroc}, "findings": {}}
    path = made_up / "made-up-two.json"
    path.write_text(json.dumps({"test": test, "external": {"Our clinic": external}}))
    films = opened("made-up-two").dataframe[-1].value.set_index("Films (n)")
    assert films.loc["Our clinic, not trained on (12)", "AUROC"] == "0.710 (0.600 to 0.800)"


def test_models_of_one_task_are_listed_together(made_up):
    listed = [*entries(), made_up_entry("made-up-two").model_copy(update={"id": "other", "task": "other"})]
    listed.insert(0, listed.pop())
    listed.append(listed[0].model_copy(update={"id": "other-too", "title": "other-too"}))
    facts = [one.model_dump(mode="json", exclude_defaults=True) for one in listed]
    (made_up / "registry.toml").write_text(tomlkit.dumps({"model": facts}))
    options = opened("other").sidebar.selectbox[0].options
    assert options == ["made-up-two", "other-too", *MADE_UP]
