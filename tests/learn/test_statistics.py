"""Statistics of readers against scikit-learn, statsmodels and arithmetic by hand."""

import io

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_kappa
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from xray.learn import intervals
from xray.learn.reads import Read
from xray.learn.scores import Score
from xray.learn.statistics import (
    calibration,
    figures,
    froc,
    of_model,
    of_reader,
    paired,
    statistics_csv,
)

RNG = np.random.default_rng(0)


def score(probability: float, truth: bool, hit: bool | None = None, iou: float | None = None) -> Score:
    present = probability >= 0.5
    brier = (probability - truth) ** 2
    return Score(present, probability, present == truth, hit, iou, brier, marked=present)


def reads(count: int = 40) -> list[Read]:
    """Films with random answers; every other one shows the finding."""
    made = []
    for number in range(count):
        truth = number % 2 == 0
        own, its = np.round(RNG.uniform(0, 1, 2) * 0.6 + 0.4 * truth, 1)
        hit = bool(RNG.integers(2)) if truth else None
        made.append(
            Read(
                ("simulated", 7, number, "Opacity"),
                truth,
                int(truth),
                score(own, truth, hit, float(RNG.uniform()) if truth else None),
                score(its, truth),
            )
        )
    return made


def test_figures_equal_those_of_scikit_learn_and_statsmodels():
    films = reads()
    truth = [film.present for film in films]
    for scored in (of_reader, of_model):
        stated = [scored(film).probability for film in films]
        right = [scored(film).correct for film in films]
        found = {figure.name: figure for figure in figures(films, scored)}
        accuracy = found["Accuracy"].estimate
        assert accuracy.value == pytest.approx(np.mean(right))
        assert (accuracy.low, accuracy.high) == pytest.approx(
            proportion_confint(sum(right), len(right), method="wilson")
        )
        assert found["AUROC"].estimate.value == pytest.approx(roc_auc_score(truth, stated))
        brier = found["Brier score"].estimate
        assert brier.value == pytest.approx(brier_score_loss(truth, stated))
        errors = np.square(np.subtract(stated, truth))
        assert (brier.low, brier.high) == pytest.approx(DescrStatsW(errors).tconfint_mean())
        sensitivity = [one for one, present in zip(right, truth, strict=True) if present]
        assert found["Sensitivity"].estimate.value == pytest.approx(np.mean(sensitivity))
        assert (found["Sensitivity"].n, found["Specificity"].n) == (20, 20)
    hits = [film.reader.hit for film in films if film.present]
    found = {figure.name: figure for figure in figures(films, of_reader)}
    assert (found["Hit rate"].n, found["Hit rate"].estimate.value) == (20, pytest.approx(np.mean(hits)))
    assert found["IoU"].estimate.value == pytest.approx(
        np.mean([film.reader.iou for film in films if film.present])
    )


def test_figures_that_are_undefined_are_none():
    films = [Read(("simulated", 7, 1, "Opacity"), True, 0, score(0.8, True), None)]
    found = {figure.name: figure.estimate for figure in figures(films, of_reader)}
    assert [name for name, known in found.items() if known is None] == [
        "Specificity",
        "AUROC",
        "Brier score",
        "Hit rate",
        "IoU",
    ]
    assert all(figure.estimate is None for figure in figures(films, of_model))


def test_the_interval_of_an_area_contains_the_truth_in_95_of_100_samples():
    rng = np.random.default_rng(1)
    shift = 1.2
    true_area = 0.8019  # of two normal distributions, Phi(1.2 / sqrt(2))
    covered = 0
    for _ in range(400):
        values = np.r_[rng.normal(shift, 1, 12), rng.normal(0, 1, 12)]
        found = intervals.area(values, [True] * 12 + [False] * 12)
        covered += found.low <= true_area <= found.high
    assert 0.92 <= covered / 400 <= 0.99


def test_the_interval_of_a_perfect_area_is_no_point():
    found = intervals.area([0.9, 0.8, 0.2, 0.1], [True, True, False, False])
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low < 0.8
    low = intervals.area([0.1, 0.2, 0.8, 0.9], [True, True, False, False])
    assert (low.value, low.low) == (0.0, 0.0)
    assert low.high == pytest.approx(1 - found.low)


def test_kappa_equals_that_of_statsmodels():
    ratings = RNG.multinomial(5, [0.4, 0.6], size=30)
    found = intervals.fleiss_kappa(ratings.tolist())
    assert found.value == pytest.approx(statsmodels_kappa(ratings))
    assert found.low < found.value < found.high
    agreed = intervals.fleiss_kappa([[3, 0], [0, 3], [3, 0], [0, 3]])
    assert agreed.value == pytest.approx(1.0)
    assert intervals.fleiss_kappa([[3, 0], [3, 0]]) is None, "all answers are the same"
    assert intervals.fleiss_kappa([[1, 0], [0, 1]]) is None, "one reader"


def test_the_calibration_curve_by_hand():
    films = [
        Read(("d", 1, number, "Opacity"), truth, 0, score(probability, truth), None)
        for number, (probability, truth) in enumerate(
            [(0.55, True), (0.45, True), (0.9, True), (0.05, False), (0.0, True), (0.75, False)]
        )
    ]
    found = [(one.confidence, one.n, one.right.value) for one in calibration(films)]
    assert found == [
        (pytest.approx(0.55), 2, 0.5),  # 55% present, right; 55% absent, wrong
        (pytest.approx(0.75), 1, 0.0),
        (pytest.approx((0.9 + 0.95 + 1.0) / 3), 3, pytest.approx(2 / 3)),
    ]


def test_the_free_response_curve_by_hand():
    def film(number: int, present: bool, lesions: int, probability: float, hit: bool | None) -> Read:
        return Read(
            ("d", 1, number, "Opacity"), present, lesions, score(probability, present, hit, None), None
        )

    films = [
        film(1, True, 2, 0.9, True),  # one of two lesions is marked
        film(2, False, 0, 0.8, None),  # a false mark
        film(3, True, 1, 0.7, True),
        film(4, True, 1, 0.7, False),  # a mark beside it
        film(5, False, 0, 0.2, None),  # no mark
        film(6, True, 0, 0.9, None),  # its location is unknown
    ]
    curve = froc(films, of_reader)
    assert (curve.lesions, curve.films) == (4, 5)
    assert curve.false_marks == pytest.approx((0, 0, 1 / 5, 2 / 5))
    assert curve.sensitivity == pytest.approx((0, 1 / 4, 1 / 4, 2 / 4))
    assert froc(films[1:2], of_reader) is None


def test_reader_and_model_are_compared_film_by_film():
    films = [
        Read(
            ("d", 1, number, "Opacity"), True, 0, score(own, True), None if its is None else score(its, True)
        )
        for number, (own, its) in enumerate(
            [(0.9, 0.8), (0.9, 0.1), (0.9, 0.2), (0.1, 0.7), (0.1, 0.1), (1, None)]
        )
    ]
    found = paired(films)
    assert (found.both, found.reader_only, found.model_only, found.neither) == (1, 2, 1, 1)


def test_the_csv_reads_back_with_the_same_figures():
    films = reads(12)
    table = pd.read_csv(io.StringIO(statistics_csv(films))).set_index(["figure", "who"])
    for who, scored in (("reader", of_reader), ("model", of_model)):
        for figure in figures(films, scored):
            row = table.loc[(figure.name, who)]
            assert row["n"] == figure.n
            if figure.estimate:
                assert row[["value", "low", "high"]].tolist() == pytest.approx(
                    [figure.estimate.value, figure.estimate.low, figure.estimate.high], abs=1e-6
                )
            else:
                assert row[["value", "low", "high"]].isna().all()
