"""Deletion and insertion against hand-computed values and Quantus, and inconclusive cases."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.evidence.planted import CELLS, SIDE, Weighted, classifier_of, dots, square, with_map
from xray.evidence import CHECKS, Limit, check
from xray.evidence.baseline_maps import noise
from xray.evidence.deletion_insertion import COPIES, FIRST, SHARES, curve, ranks, value_of
from xray.types import Pixels

SHARE = 1 / 16  # of the film: the square, and one step
FALL = 1 - SHARE  # of the logit once a white square on black is hidden under the film's mean


def fall_of(drawn: Pixels, name: str = "deletion") -> float:
    return CHECKS[name].measure(white_square(drawn), white_square(drawn).candidate).value


def white_square(drawn: Pixels):
    """The logit is the mean of the only bright place."""
    return with_map(classifier_of(Weighted(square())), square(), drawn)


@pytest.mark.parametrize("name", ["deletion", "insertion"])
def test_the_value_is_the_mean_change_over_the_first_quarter(name):
    """Trapezoids: of four steps all but half of the first count; a map without the square changes nothing."""
    assert fall_of(square(), name) == pytest.approx(FALL * 3.5 / 4)
    assert fall_of(1 - square(), name) == pytest.approx(0, abs=1e-6)


def test_the_effect_is_that_of_hiding_and_showing_together():
    """With the square first, both values of the test above; with the square last, nothing."""
    for drawn, expected in ((square(), 2 * FALL * 3.5 / 4), (1 - square(), 0)):
        subject = white_square(drawn)
        effect = sum(
            value_of(curve(subject, subject.candidate.map, hiding=hiding), hiding=hiding)
            for hiding in (True, False)
        )
        assert effect == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["deletion", "insertion"])
def test_the_copies_are_the_map_mirrored_and_turned(name):
    """Mirrored, the map has the square first, as in the test above; turned, it has the square last."""
    drawn = np.zeros((SIDE, SIDE), np.float32)
    drawn[np.fliplr(square()) == 1] = 1
    drawn[np.rot90(square(), 2) == 1] = -1
    found = check(white_square(drawn), name)
    expected = (FALL * 3.5 / 4 + 0) / 2
    assert found.details == {COPIES: pytest.approx(expected)}
    assert found.why.endswith(f"Mirrored and turned copies of the map: {expected:.2f}.")


@pytest.mark.parametrize("hiding", [True, False])
def test_the_first_steps_of_a_curve_are_those_of_the_whole(hiding):
    subject = with_map(classifier_of(Weighted(dots(0))), dots(1), dots(2))
    first, whole = (
        curve(subject, subject.candidate.map, hiding=hiding, shares=shares)
        for shares in (SHARES[:FIRST], SHARES)
    )
    assert first == pytest.approx(whole[: FIRST + 1], abs=1e-6)


@pytest.mark.parametrize("hiding", [True, False])
def test_a_curve_is_that_of_a_plain_loop(hiding):
    weights, film, drawn = (dots(seed) for seed in range(3))
    subject = with_map(classifier_of(Weighted(weights)), film, drawn)
    logits = curve(subject, subject.candidate.map, hiding=hiding)
    order = np.argsort(-drawn.ravel())
    for share, logit in zip((0, *SHARES), logits, strict=True):
        first = np.zeros(CELLS, bool)
        first[order[: round(share * CELLS)]] = True
        shown = np.where(first == hiding, film.mean(), film.ravel())
        assert logit == pytest.approx((shown * weights.ravel()).sum() / weights.sum(), abs=1e-5)


def test_calibrated_logits_are_used():
    plain, calibrated = (
        classifier_of(Weighted(square()), **facts) for facts in ({}, {"scale": (2.0,), "shift": (5.0,)})
    )
    falls = [
        CHECKS["deletion"].measure(one, one.candidate).value
        for one in (with_map(model, square(), square()) for model in (plain, calibrated))
    ]
    assert falls[1] == pytest.approx(2 * falls[0])


@pytest.mark.parametrize("share", [1 / 16, 0.2, 0.5, 0.7, 15 / 16])
def test_a_map_that_is_half_zeros_loses_exactly_the_requested_share(share):
    drawn = np.maximum(np.random.default_rng(0).permutation(CELLS) - CELLS / 2, 0).reshape(SIDE, SIDE)
    first = (ranks(drawn.astype(np.float32)) < share).numpy()
    assert first.sum() == int(np.ceil(share * CELLS))
    assert drawn[first].min() >= drawn[~first].max(), "and the highest first"


def test_ties_are_in_a_fixed_random_order():
    even = np.zeros((SIDE, SIDE), np.float32)
    places = ranks(even).numpy()
    assert np.array_equal(places, ranks(even + 7).numpy())
    assert sorted(places.ravel() * CELLS) == pytest.approx(range(CELLS))
    assert np.abs(places.reshape(4, -1).mean(1) - 0.5).max() < 0.08, "from all over the film"


def test_random_maps_make_the_logit_fall_by_the_hidden_share():
    """Over the first quarter, an eighth of the film is hidden on average."""
    falls = [fall_of(noise((SIDE, SIDE), seed)) for seed in range(200)]
    assert np.mean(falls) == pytest.approx(FALL / 8, abs=0.05)


@pytest.mark.parametrize("name", ["deletion", "insertion"])
def test_the_baselines_are_those_stored_with_the_limit(name):
    found = check(replace(white_square(square()), limits={name: Limit(0.5, 0.1, 0.2)}), name)
    assert (found.baseline, found.centered, found.verdict) == (0.1, 0.2, "passed")


class Gray(nn.Module):
    def forward(self, films: Tensor) -> Tensor:
        return films[:, :1]


def network() -> nn.Module:
    torch.manual_seed(0)
    convolutions = nn.Conv2d(1, 4, 5, 2), nn.ReLU(), nn.Conv2d(4, 8, 3, 2), nn.ReLU()
    return nn.Sequential(Gray(), *convolutions, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 1))


@pytest.mark.slow
def test_curves_are_those_of_quantus():
    """It flips as many pixels at a step to the same gray. Its curve begins after the first step, and equal
    values have another order there, so there are none here. Insertion is its deletion of the lowest values
    first, read backward. Sums are in another order: within 1e-5.
    """
    quantus = pytest.importorskip("quantus")
    film, drawn = dots(3), dots(4)
    subject = with_map(classifier_of(network()), film, drawn)
    steps = 16
    metric = quantus.PixelFlipping(CELLS // steps, perturb_baseline=float(film.mean()), disable_warnings=True)
    most, least = (
        metric(network().eval(), film[None, None], np.zeros(1, int), one[None, None], softmax=False)[0]
        for one in (drawn, 1 - drawn)
    )
    shares = [step / steps for step in range(1, steps + 1)]
    hidden, shown = (
        curve(subject, subject.candidate.map, hiding=hiding, shares=shares) for hiding in (True, False)
    )
    assert np.ptp(hidden) > 1e-3
    assert hidden[1:] == pytest.approx(np.array(most), abs=1e-5)
    assert shown[:-1] == pytest.approx(np.array(least[::-1]), abs=1e-5)


@pytest.mark.parametrize("name", ["deletion", "insertion", "road"])
def test_inconclusive_checks_state_a_reason(name):
    silent = check(with_map(classifier_of(Weighted(square())), square(), -square()), name)
    deaf = check(with_map(classifier_of(Weighted(square())), square() * 0 + 0.5, square()), name)
    no_limit = check(white_square(square()), name)
    assert {one.verdict for one in (silent, deaf, no_limit)} == {"cannot be judged"}
    assert silent.why == "The map has no positive evidence for Opacity."
    assert "The log-odds hardly change" in deaf.why
    assert "No limit was measured for this model and method." in no_limit.why
    copies = "".join(
        f" Mirrored and turned copies of the map: {one:z.2f}." for one in no_limit.details.values()
    )
    assert no_limit.why.endswith(f"method.{copies}")
    assert np.isnan(silent.baseline)
