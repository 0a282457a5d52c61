"""Shifts, JPEG and model inputs in the audit, against other libraries, also for ensembles."""

import cv2
import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional

from tests.audit.planted import (
    FAULTS,
    SIDE,
    Fault,
    audited,
    by_edge,
    failed,
    plant,
    planted_film,
    planted_films,
    sound,
)
from xray.audit.controls import controls
from xray.audit.inputs import fault_of
from xray.audit.registry import CHECKS
from xray.audit.sensitivity import CHANGES
from xray.models.ensemble import Ensemble
from xray.types import Radiograph


def moved_by_opencv(pixels: np.ndarray, x: int, y: int) -> np.ndarray:
    by = np.float32([[1, 0, x], [0, 1, y]])
    return cv2.warpAffine(pixels, by, pixels.shape[::-1], borderMode=cv2.BORDER_REPLICATE)


def test_a_shift_is_one_pixel_of_the_networks_input():
    """A film of twice the network's side is moved by two pixels each way, as OpenCV moves it."""
    pixels = np.random.default_rng(0).random((2 * SIDE, 3 * SIDE), np.float32)
    moved = CHANGES["one-pixel-shift"](pixels, SIDE)
    for found, (x, y) in zip(moved, [(0, 2), (0, -2), (3, 0), (-3, 0)], strict=True):
        assert np.array_equal(found, moved_by_opencv(pixels, x, y))


def test_jpeg_is_pillows_and_worse_at_lower_quality():
    pixels = planted_film(0, True).pixels
    best, worst = CHANGES["jpeg"](pixels, SIDE)
    gray = np.rint(pixels * 255).astype(np.uint8)
    for quality, found in ((90, best), (50, worst)):
        _, encoded = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])
        expected = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE) / 255
        assert np.abs(found - expected).max() <= 1.01 / 255
    assert np.abs(worst - pixels).mean() > np.abs(best - pixels).mean() > 0


def test_the_figures_of_a_shift_are_those_of_a_loop_over_films():
    classifier, films = plant(by_edge)(), planted_films()
    result = audited(classifier, films)["one-pixel-shift"]
    largest, flips = [], 0
    for film in films:
        before = classifier.predict(film, intervals=False)
        after = [
            classifier.predict(Radiograph(moved_by_opencv(film.pixels, x, y), "moved.png"), intervals=False)
            for x, y in [(0, 1), (0, -1), (1, 0), (-1, 0)]
        ]
        largest.append(max(abs(one.probabilities[1] - before.probabilities[1]) for one in after))
        flips += any(one.side("Opacity") != before.side("Opacity") for one in after)
    assert result.value == pytest.approx(np.mean(largest), abs=1e-6)
    assert f"{np.mean(largest):.1%} on average and {max(largest):.1%} at most" in result.why
    assert f"{flips / len(films):.0%} of {len(films)} films change" in result.why


def test_the_span_of_answers_is_that_of_the_log_odds():
    """With two opposite logits, calibration included, each is half of the log-odds."""
    classifier, films = plant(sound, scale=(1.5, 1.5), shift=(0.2, -0.2))(), planted_films()
    probabilities = np.array(
        [classifier.predict(film, intervals=False).probabilities for film in films], float
    )
    log_odds = np.log(probabilities[:, 1] / probabilities[:, 0])
    result = audited(classifier, films)["constant-output"]
    assert result.value == pytest.approx((log_odds.max() - log_odds.min()) / 2, rel=1e-4)


@pytest.mark.parametrize("normalization", ["film", "imagenet", "symmetric", "xrv"])
def test_an_input_made_by_another_library_is_in_range_and_a_forgotten_step_is_not(normalization):
    for seed in range(4):
        film = planted_film(seed, seed % 2 == 0)
        gray = torch.from_numpy(film.pixels.copy())[None, None]
        right = {
            "film": lambda gray=gray: ((gray - gray.mean()) / gray.std()).expand(-1, 3, -1, -1),
            "imagenet": lambda gray=gray: functional.normalize(
                gray.expand(-1, 3, -1, -1), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
            ),
            "symmetric": lambda gray=gray: functional.normalize(gray, [0.5], [0.5]).expand(-1, 3, -1, -1),
            "xrv": lambda gray=gray: (2 * gray - 1) * 1024,
        }
        assert fault_of(right[normalization](), gray, normalization) == ""
        for other in right.keys() - {normalization}:
            assert fault_of(right[other](), gray, normalization) != ""
        brighter = right[normalization]() + 0.2 * right[normalization]()[:, 0].std()
        assert fault_of(brighter, gray, normalization) != ""
        channels = right[normalization]().shape[1]
        assert fault_of(gray.expand(-1, channels, -1, -1), gray, normalization) != ""
        assert fault_of(right[normalization]() * torch.nan, gray, normalization) == "not all numbers"


def test_inputs_without_variance_or_with_wrong_channels_are_reported():
    gray = torch.from_numpy(planted_film(0, True).pixels.copy())[None, None]
    assert "deviation 0" in fault_of(torch.zeros(1, 3, SIDE, SIDE), gray, "film")
    assert fault_of(torch.zeros(1, 1, SIDE, SIDE), gray, "film") == "1 channels, not 3"


def test_controls_are_always_the_same_and_all_different():
    first, second = controls(SIDE), controls(SIDE)
    assert [one.sha256 for one in first] == [one.sha256 for one in second]
    assert len({one.sha256 for one in first}) == 13


INPUT = frozenset({"input-range", "input-identical"})


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if INPUT & {fault.check, *fault.others}], ids=lambda fault: fault.name
)
def test_a_faulty_input_of_one_member_is_a_fault_of_the_ensemble(fault: Fault):
    members = (plant(sound)(), fault.build())
    results = audited(Ensemble(members[0].entry, members), planted_films())
    assert failed(results) & INPUT == INPUT & {fault.check, *fault.others}


def test_an_ensemble_of_sound_members_passes_every_check():
    members = (plant(sound)(), plant(sound, input_size=48)())
    results = audited(Ensemble(members[0].entry, members), planted_films())
    assert {result.name: result.verdict for result in results.values()} == dict.fromkeys(CHECKS, "passed")
