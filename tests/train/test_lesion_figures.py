"""Figures on inserted lesions, of a network that answers to brightness and of one that answers to nothing."""

import numpy as np
import pytest
from PIL import Image
from torch import nn

from xray.errors import InvalidRequest, UnusableData
from xray.models.classifier import Classifier
from xray.models.registry import ModelEntry
from xray.train.film import Film
from xray.train.lesion_figures import lesion_figures


def model(weight):
    module = nn.Sequential(nn.AvgPool2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    nn.init.zeros_(module[-1].weight)
    nn.init.zeros_(module[-1].bias)
    module[-1].weight.data[1] = weight
    entry = ModelEntry(
        id="bright",
        title="",
        task="",
        architecture="",
        findings=("Normal", "Pneumonia"),
        input_size=64,
        normalization="unit",
        activation="softmax",
        thresholds=(0.5, 0.5),
        target_layer="0",
        trained_on="",
        licence="",
    )
    return Classifier(entry, module)


@pytest.fixture
def films(tmp_path):
    some = []
    for number in range(6):
        path = tmp_path / f"{number}.png"
        noise = np.random.default_rng(number).normal(70, 4, (96, 96))
        Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(path)
        label = "pneumonia" if number == 5 else "normal"
        some.append(Film(path, frozenset({label}), str(number), "test", "A" if number < 2 else "B"))
    return some


def test_a_network_of_brightness_finds_every_lesion_in_the_normal_films_of_each_collection(films):
    collections = lesion_figures(model(60.0), films, "Pneumonia", "disc")["collections"]
    assert {name: part["n"] for name, part in collections.items()} == {"A": 2, "B": 3}
    for part in collections.values():
        assert part["metrics"]["hit"]["value"] == 1
        assert part["metrics"]["rise of 1 or more"]["value"] == 1
    # in three channels, 0.3 of what is left to white (0.73) on the 6% of the film that the disc covers
    assert collections["B"]["metrics"]["rise"]["value"] == pytest.approx(180 * 0.3 * 0.73 * 0.06, rel=0.25)


def test_a_network_without_evidence_does_not_rise(films):
    part = lesion_figures(model(0.0), films, "Pneumonia", "disc")["collections"]["B"]
    assert part["metrics"]["rise"]["value"] == 0
    assert part["metrics"]["rise of 1 or more"]["value"] == 0


def test_films_without_a_normal_one_and_unknown_findings_are_refused(films):
    with pytest.raises(UnusableData, match="normal"):
        lesion_figures(model(1.0), films[5:], "Pneumonia", "disc")
    with pytest.raises(InvalidRequest, match="does not report 'Mass'"):
        lesion_figures(model(1.0), films, "Mass", "disc")
