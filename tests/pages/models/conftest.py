"""Made-up models with figures, and what the Models page shows of a model."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
import tomlkit
from scipy.special import expit, softmax
from streamlit.testing.v1 import AppTest

from xray.models.registry import ModelEntry
from xray.settings import ROOT
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
