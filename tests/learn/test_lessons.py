"""Computations of the lessons: counts of people and maps, temperatures, the letter, measured statements."""

import json
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from xray.imaging.markers import PLACES, lettered
from xray.imaging.phantom import chest_phantom
from xray.learn.shortcut import FINDING, MODEL
from xray.models.figures import Bin
from xray.models.operating_points import operating_points
from xray.models.registry import entry
from xray.ui.learn.lessons import LESSONS
from xray.ui.learn.lessons.calibration import TEMPERATURES, at_temperature, calibration_error
from xray.ui.learn.lessons.checks import KINDS, benchmark, counted
from xray.ui.learn.lessons.familiarity import IMAGES, at_the_gate
from xray.ui.learn.lessons.familiarity import MODEL as GATED
from xray.ui.learn.lessons.predictive_values import measured, natural_frequencies
from xray.ui.learn.lessons.shortcut import COMPARED, COMPARED_FINDING, LETTERS, probability

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


def test_a_temperature_moves_every_group_and_the_calibration_error_by_hand():
    groups = [
        Bin(stated=0.2, observed=0.1, low=None, high=None, n=30),
        Bin(stated=0.8, observed=0.9, low=None, high=None, n=10),
    ]
    assert calibration_error(groups) == pytest.approx((30 * 0.1 + 10 * 0.1) / 40)
    half = at_temperature(groups, 0.5)  # twice the log-odds: the square of the odds, 1/16 and 16
    assert [group.stated for group in half] == pytest.approx([1 / 17, 16 / 17])
    assert calibration_error(half) == pytest.approx((30 * (0.1 - 1 / 17) + 10 * (16 / 17 - 0.9)) / 40)
    assert [group.observed for group in half] == [0.1, 0.9], "no film changes its group"


def test_the_error_at_temperature_one_is_that_of_the_card_and_the_lowest_but_one_step():
    groups = measured().reliability
    told = json.loads((WEIGHTS / "pneumonia-mobilenet.json").read_text())["test"]["metrics"]["ece"]["value"]
    assert calibration_error(groups) == pytest.approx(told, abs=0.01)
    errors = [calibration_error(at_temperature(groups, value)) for value in TEMPERATURES]
    assert errors[0] > errors[TEMPERATURES.index(1.0)] < errors[-1]


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
def test_the_statements_of_the_lesson_on_the_letter_hold():
    kinds = [(opacity, place) for opacity in (False, True) for place in LETTERS]
    compared = entry(COMPARED)
    point = compared.thresholds[compared.findings.index(COMPARED_FINDING)]
    for opacity, place in kinds:
        assert (probability(MODEL, FINDING, opacity, place) > 0.5) == (place != "no letter")
        assert (probability(COMPARED, COMPARED_FINDING, opacity, place) >= point) == opacity


@pytest.mark.slow
def test_the_gate_refuses_every_unfamiliar_image_of_the_lesson():
    refused = {name for name in IMAGES if not at_the_gate(name)[1].accepted}
    assert refused == set(IMAGES) - {"a simulated chest"}
    point = entry(GATED).thresholds[-1]
    assert at_the_gate("a simulated forearm")[2] > point
    assert all(at_the_gate(name)[2] < point for name in refused - {"a simulated forearm"})


def test_every_kind_of_meaningless_map_is_counted_in_whole_maps():
    rates = benchmark()["verdict"]["meaningless"]
    assert rates.keys() == KINDS.keys()
    for rate in rates.values():
        count = rate["value"] * rate["n"]
        assert count == pytest.approx(round(count), abs=0.01)
        low, high = proportion_confint(round(count), rate["n"], method="wilson")
        assert (rate["low"], rate["high"]) == pytest.approx((low, high), abs=1e-3)
    assert counted(rates["other film"]) == "1 of 21"


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_every_lesson_is_short_and_names_its_source(lesson):
    assert 3 <= lesson.text.count(". ") + 1 <= 6
    assert lesson.notice
    assert any(mark in lesson.paper for mark in ("doi:", "arXiv:", "DICOM PS"))
    assert len({quiz.text for quiz in lesson.questions}) == 2
    for quiz in lesson.questions:
        assert 0 <= quiz.right < len(set(quiz.options)) == len(quiz.options)
        assert quiz.why.endswith(".")
