"""Computations of the lessons: counts of people, position of the letter, measured statements."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit

from xray.imaging.markers import PLACES, lettered
from xray.imaging.phantom import chest_phantom
from xray.models.operating_points import operating_points
from xray.settings import settings
from xray.ui.learn.lessons import LESSONS
from xray.ui.learn.lessons.calibration import after_calibration
from xray.ui.learn.lessons.predictive_values import measured, natural_frequencies
from xray.ui.learn.lessons.shortcut import logits, usual_change

WEIGHTS = Path(__file__).parents[2] / "weights"


@pytest.mark.parametrize(
    ("shares", "counts"),
    [
        ((0.1, 0.2, 0.3, 0.4), [10, 20, 30, 40]),
        ((0.0992, 0.0008, 0.1052, 0.7948), [10, 0, 11, 79]),  # floors 9, 0, 10, 79; the rest 0.92 and 0.52
        ((1 / 3, 1 / 3, 1 / 3), [34, 33, 33]),
        ((0.009, 0.991), [1, 99]),
    ],
)
def test_people_by_hand(shares, counts):
    assert natural_frequencies(shares) == counts


def test_predictive_values_are_those_of_bayes():
    told = json.loads((WEIGHTS / "pneumonia-mobilenet.json").read_text())["test"]["findings"]["Pneumonia"]
    sensitivity, specificity = (told["metrics"][name]["value"] for name in ("sensitivity", "specificity"))
    point = operating_points(measured())[told["threshold"]]
    for prevalence in (0.01, 0.1, 0.5, 0.9):
        positive, negative = point.predictive_values(prevalence)
        called = sensitivity * prevalence + (1 - specificity) * (1 - prevalence)
        assert positive == pytest.approx(sensitivity * prevalence / called)
        assert negative == pytest.approx(specificity * (1 - prevalence) / (1 - called))
    assert point.predictive_values(0.01)[0] < 0.1, "nearly every positive answer is a false alarm"


def test_calibration_is_the_registrys_factor_on_the_logit():
    registry = tomllib.loads((settings().weights_dir / "registry.toml").read_text())["model"]
    factor = next(known["scale"][0] for known in registry if known["id"] == "pneumonia-mobilenet")
    for raw in (0.05, 0.5, 0.8, 0.99):
        assert after_calibration(raw) == pytest.approx(expit(factor * logit(raw)), abs=1e-6)


def test_only_pixels_of_the_letter_change():
    film = chest_phantom(0).radiograph
    height, width = film.pixels.shape
    size = chest_phantom(0, marker="L").marker_mask.sum()
    for place, middle in PLACES.items():
        changed = lettered(film, place).pixels != film.pixels
        if middle is None:
            assert not changed.any()
            continue
        rows, columns = np.nonzero(changed)
        assert 0.5 * size <= changed.sum() <= size
        assert rows.mean() / height == pytest.approx(middle[1], abs=0.03)
        assert columns.mean() / width == pytest.approx(middle[0], abs=0.03)
        assert (lettered(film, place).pixels[changed] == 1.0).all()


@pytest.mark.slow
def test_the_statement_of_the_lesson_on_the_letter_holds():
    values, usual = logits(), usual_change()
    moved = {place: abs(value - values["no letter"]) for place, value in values.items()}
    assert max(moved.values()) == moved["on the lung"] > usual
    assert all(value <= usual for place, value in moved.items() if place != "on the lung")


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_every_lesson_is_short_and_names_its_source(lesson):
    assert 3 <= lesson.text.count(". ") + 1 <= 6
    assert lesson.notice
    assert any(mark in lesson.paper for mark in ("doi:", "arXiv:", "DICOM PS"))
