"""The Models page in process: every number shown is the measured one."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
import tomlkit
from scipy.special import expit, softmax
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import shown_text
from xray.models.registry import ModelEntry, entries, public_entries
from xray.settings import ROOT, settings
from xray.train.figures import LabeledPredictions, figures_of
from xray.ui.choice import Choice
from xray.ui.session import Session

FILMS = 240
REGIONS = ("hand", "upper limb", "lower limb", "hip and pelvis", "shoulder", "chest", "head", "not an X-ray")
MADE_UP = {
    "made-up-two": (("Normal", "Pneumonia"), "softmax"),
    "made-up-regions": (REGIONS, "softmax"),
    "made-up-several": (("Edema", "Effusion", "No Finding"), "sigmoid"),
}


def made_up_entry(model_id: str) -> ModelEntry:
    findings, activation = MADE_UP[model_id]
    K = len(findings)
    return ModelEntry(
        id=model_id,
        title=model_id,
        task="made up",
        architecture="mobilenet_v2",
        findings=findings,
        weights="none.safetensors",
        sha256="0" * 64,
        activation=activation,
        thresholds=(0.4,) * K,
        present=(0.1,) * K,
        absent=(0.1,) * K if activation == "sigmoid" else (),
        target_layer="features.18",
        trained_on="nothing",
        licence="none",
    )


def made_up_figures(model_id: str) -> dict:
    """Figures of made-up predictions, computed with the code that measures real models."""
    entry = made_up_entry(model_id)
    generator = np.random.default_rng(3)
    K = len(entry.findings)
    if entry.activation == "softmax":
        targets = np.eye(K, dtype=np.float32)[generator.integers(K, size=FILMS)]
    else:
        targets = (generator.random((FILMS, K)) < 0.3).astype(np.float32)
    logits = (2 * targets + generator.normal(0, 1.2, (FILMS, K))).astype(np.float32)
    given = LabeledPredictions(
        logits=logits,
        probabilities=softmax(logits, 1) if entry.activation == "softmax" else expit(logits - 1),
        targets=targets,
        patients=[str(number // 2) for number in range(FILMS)],
        sources=["east" if number % 3 else "west" for number in range(FILMS)],
    )
    test, validation = (figures_of(entry, split, given) for split in ("test", "validation"))
    return {
        "learning_films": 1234,
        "machine": "a machine",
        "validation": validation,
        "validation_uncalibrated": validation["metrics"],
        "test": test,
        "other_source": test,
        "shrunk": test,
        "intervals": {
            "target": 0.95,
            "augmentation": {"widening": 2.0, "validation": 0.9, "width": 0.1},
            "chosen": "augmentation",
            "test": 0.91,
        },
        "epochs": [
            {"stage": "head", "loss": 0.9, "validation_loss": 0.8},
            {"stage": "all", "loss": 0.5, "validation_loss": None},
        ],
        "seconds": 120,
    }


@pytest.fixture(scope="module")
def figures() -> dict[str, dict]:
    return {model_id: made_up_figures(model_id) for model_id in MADE_UP}


@pytest.fixture
def made_up(weights_folder, figures) -> Path:
    """A weights folder with made-up models in place of the repository's."""
    listed = [made_up_entry(one).model_dump(mode="json", exclude_defaults=True) for one in MADE_UP]
    (weights_folder / "registry.toml").write_text(tomlkit.dumps({"model": listed}))
    for model_id, told in figures.items():
        (weights_folder / f"{model_id}.json").write_text(json.dumps(told))
        (weights_folder / f"{model_id}.md").write_text(f"# Card of {model_id}\n")
    return weights_folder


def opened(model_id: str) -> AppTest:
    """The page with a model chosen."""
    page = AppTest.from_file(str(ROOT / "pages" / "models.py"), default_timeout=120)
    page.session_state["session"] = Session(choice=Choice(described=model_id))
    page.run()
    assert not page.exception
    return page


def metrics(page: AppTest) -> dict[str, tuple[str, str]]:
    """Value and note of every metric by its label, the last of a label."""
    return {one.label: (one.value, one.delta) for one in page.metric}


def said(one: dict) -> tuple[str, str]:
    return f"{one['value']:.3f}", f"{one['low']:.3f} to {one['high']:.3f}"


def bundled() -> list[str]:
    listed = tomllib.loads((ROOT / "weights" / "registry.toml").read_text())["model"]
    return [one["id"] for one in listed]


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


def test_a_public_model_shows_licence_source_and_a_way_to_fetch_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_CACHE_DIR", str(tmp_path))
    settings.cache_clear()
    try:
        for entry in public_entries():
            page = opened(entry.id)
            text = shown_text(page)
            assert entry.licence in text
            assert entry.source in text
            assert [one.label for one in page.button] == ["Fetch"]
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_a_failed_download_of_a_public_model_is_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_CACHE_DIR", str(tmp_path / "file" / "cache"))
    (tmp_path / "file").write_text("in the way")
    settings.cache_clear()
    try:
        page = opened(public_entries()[0].id)
        page.button[0].click().run()
        assert not page.exception
        assert "Nothing can be kept in" in page.error[0].value.replace("\\", "")
    finally:
        monkeypatch.undo()
        settings.cache_clear()


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
    assert list(films["n"]) == [FILMS, FILMS, FILMS, FILMS, FILMS * 2 // 3, FILMS // 3]


@pytest.mark.parametrize("model_id", ["made-up-regions", "made-up-several"])
def test_the_table_lists_every_finding_with_its_figures(made_up, figures, model_id):
    table = opened(model_id).dataframe[0].value
    told = figures[model_id]["test"]["findings"]
    assert list(table["Finding"]) == list(told)
    for column, metric in (("AUROC", "auroc"), ("Sensitivity", "sensitivity"), ("ECE", "ece")):
        assert list(table[column]) == [one["metrics"][metric]["value"] for one in told.values()]
    assert list(table["Positives"]) == [one["positives"] for one in told.values()]


@pytest.mark.parametrize("model_id", MADE_UP)
def test_the_operating_point_moves_sensitivity_and_counts_to_what_was_measured(made_up, figures, model_id):
    page = opened(model_id)
    findings = figures[model_id]["test"]["findings"]
    name = list(findings)[-1]
    if len(findings) > 1:
        page.selectbox(key=f"curve of:{model_id}").select(name).run()
    finding = findings[name]
    assert metrics(page)["Sensitivity"] == said(finding["metrics"]["sensitivity"])
    assert metrics(page)["Specificity"] == said(finding["metrics"]["specificity"])
    curve = finding["curve"]
    for index in (5, 20, 35):
        page.select_slider(key=f"point:{model_id}:{name}").set_value(curve["thresholds"][index]).run()
        assert not page.exception
        for label in ("sensitivity", "specificity"):
            low, high = (curve[f"{label}_{end}"][index] for end in ("low", "high"))
            stored = {"value": curve[label][index], "low": low, "high": high}
            assert metrics(page)[label.capitalize()] == said(stored)
        counted = next(one.value for one in page.table if "predicted positive" in one.value)
        called = list(counted["predicted positive"])
        assert called[0] == round(curve["sensitivity"][index] * finding["positives"])
        assert called[0] / sum(called) == pytest.approx(curve["precision"][index], abs=1e-4)


def test_predictive_values_follow_bayes_rule_at_the_prevalence_set(made_up, figures):
    """By hand, for a sensitivity s and a specificity p: of 1000 people 20 have it, 20 s are found; of 980
    others 980 (1 - p) are predicted positive, too."""
    page = opened("made-up-two")
    finding = figures["made-up-two"]["test"]["findings"]["Pneumonia"]
    page.slider(key="prevalence:made-up-two:Pneumonia").set_value(2.0).run()
    s, p = (finding["metrics"][name]["value"] for name in ("sensitivity", "specificity"))
    shown = metrics(page)
    assert shown["PPV"][0] == f"{20 * s / (20 * s + 980 * (1 - p)):.3f}"
    assert shown["NPV"][0] == f"{980 * p / (980 * p + 20 * (1 - s)):.3f}"
    assert f"20 show the finding: {20 * s:.0f} are found and {20 * (1 - s):.0f} missed" in shown_text(page)


def test_at_the_prevalence_of_the_test_films_the_predictive_value_is_the_precision(made_up, figures):
    curve = figures["made-up-two"]["test"]["findings"]["Pneumonia"]["curve"]
    page = opened("made-up-two")
    page.select_slider(key="point:made-up-two:Pneumonia").set_value(curve["thresholds"][20]).run()
    shown = float(metrics(page)["PPV"][0])
    assert shown == pytest.approx(curve["precision"][20], abs=2e-3)  # the slider knows a tenth of a percent


def test_missing_or_damaged_files_are_reported_and_the_rest_remains(made_up):
    (made_up / "made-up-two.json").unlink()
    (made_up / "made-up-two.md").unlink()
    page = opened("made-up-two")
    text = shown_text(page)
    assert (
        "There are no figures for made-up-two. Measure it on labeled films: python -m xray evaluate" in text
    )
    assert "There is no model card for made-up-two." in text
    assert [one.label for one in page.tabs] == ["Card", "Audit"]
    (made_up / "made-up-two.json").write_text('{"test": {"n": 3}}')
    assert "The figures in made-up-two.json cannot be read." in shown_text(opened("made-up-two"))


def test_figures_without_test_films_or_curves_show_what_there_is(made_up, figures):
    told = figures["made-up-several"]
    path = made_up / "made-up-several.json"
    path.write_text(json.dumps({name: told[name] for name in ("epochs", "seconds")}))
    page = opened("made-up-several")
    assert "There are no test figures for made-up-several." in shown_text(page)
    assert [one.label for one in page.tabs] == ["Training", "Card", "Audit"]
    bare = {name: value for name, value in told["test"].items() if name not in ("findings", "sources")}
    path.write_text(json.dumps({"test": bare | {"conformal": None}}))
    page = opened("made-up-several")
    assert [one.label for one in page.tabs] == ["Figures", "Calibration", "Card", "Audit"]


def test_a_collection_that_was_not_trained_on_has_a_row(made_up, figures):
    test = figures["made-up-two"]["test"]
    auroc = {"value": 0.71, "low": 0.6, "high": 0.8}
    external = {"n": 12, "patients": 9, "metrics": {"auroc": auroc}, "findings": {}}
    path = made_up / "made-up-two.json"
    path.write_text(json.dumps({"test": test, "external": {"Our clinic": external}}))
    films = opened("made-up-two").dataframe[-1].value.set_index("Films")
    assert films.loc["Our clinic (not trained on)", ["n", "AUROC"]].tolist() == [12, "0.710 (0.600 to 0.800)"]


def test_figures_of_other_weights_are_called_out(made_up, figures):
    assert "measured with other weights" not in shown_text(opened("made-up-two"))
    told = figures["made-up-two"] | {"test": figures["made-up-two"]["test"] | {"weights_sha256": "1" * 64}}
    (made_up / "made-up-two.json").write_text(json.dumps(told))
    assert "measured with other weights" in shown_text(opened("made-up-two"))


def test_models_of_one_task_are_listed_together(made_up):
    listed = [*entries(), made_up_entry("made-up-two").model_copy(update={"id": "other", "task": "other"})]
    listed.insert(0, listed.pop())
    listed.append(listed[0].model_copy(update={"id": "other-too", "title": "other-too"}))
    facts = [one.model_dump(mode="json", exclude_defaults=True) for one in listed]
    (made_up / "registry.toml").write_text(tomlkit.dumps({"model": facts}))
    options = opened("other").sidebar.selectbox[0].options
    assert options == ["made-up-two", "other-too", *MADE_UP]
