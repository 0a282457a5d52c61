"""A small data set with known labels, and a recipe and network that learn it in seconds."""

import csv
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torch import nn

import xray.models.yolo  # noqa: F401 - configures Ultralytics before a test imports it
from xray.models.architectures import ARCHITECTURES, build
from xray.models.weights import encode_weights
from xray.settings import settings
from xray.train.recipes import RECIPES
from xray.train.recipes.recipe import Recipe, Stage
from xray.train.sources import Source

SIDE = 48


def planted_film(sick: bool, seed: int) -> np.ndarray:
    """Noise, with a bright disc somewhere when sick, uint8 (SIDE, SIDE)."""
    generator = np.random.default_rng(seed)
    film = generator.normal(70, 12, (SIDE, SIDE))
    if sick:
        row, column = generator.integers(14, SIDE - 14, 2)
        y, x = np.ogrid[:SIDE, :SIDE]
        film[(y - row) ** 2 + (x - column) ** 2 < 81] += 120
    return film.clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def planted_films(tmp_path_factory) -> Path:
    """A folder with labels.csv: 40 patients of two films each for training, 20 for the test split."""
    folder = tmp_path_factory.mktemp("planted")
    with (folder / "labels.csv").open("w", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(["path", "labels", "patient_id", "split"])
        for number in range(120):
            patient, sick = number // 2, (number // 2) % 2 == 1
            name = f"{number:03}.png"
            Image.fromarray(planted_film(sick, number)).save(folder / name)
            kind = "PNEUMONIA|bacteria" if sick else "NORMAL"
            rows.writerow([name, kind, f"p{patient}", "train" if patient < 40 else "test"])
    return folder


@pytest.fixture
def training_data(tmp_path, monkeypatch) -> Iterator[Path]:
    """An empty folder in place of the training data."""
    monkeypatch.setenv("XRAY_TRAINING_DATA", str(tmp_path / "training"))
    settings.cache_clear()
    yield tmp_path / "training"
    settings.cache_clear()


def tiny(findings: int) -> nn.Module:
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 8, 5, 2, 2), nn.BatchNorm2d(8), nn.ReLU()),
        nn.Sequential(nn.Conv2d(8, 16, 5, 2, 2), nn.BatchNorm2d(16), nn.ReLU()),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(16, findings),
    )


@pytest.fixture(scope="session")
def tiny_recipe(planted_films) -> Iterator[Recipe]:
    """A recipe on the planted films, by default its own data set."""
    with ARCHITECTURES.temporarily("tiny", tiny):
        yield dataclasses.replace(
            RECIPES["pneumonia-mobilenet"],
            name="tiny",
            architecture="tiny",
            sources=(Source(str(planted_films)),),
            init="",
            input_size=SIDE,
            target_layer="1",
            guidance=None,
            balanced=False,
            batch=8,
            ema_decay=0.8,
            validation_share=0.3,
            stages=(
                Stage("head", 1, learning_rate=1e-2, weight_decay=0.0, trainable=("4",)),
                Stage("all", 3, learning_rate=1e-2, weight_decay=0.0, mixup=0.5),
            ),
        )


@pytest.fixture(scope="session")
def tiny_init(tiny_recipe, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("init") / "init.safetensors"
    path.write_bytes(encode_weights(build("tiny", 2)))
    return path
