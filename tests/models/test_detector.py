"""Boxes in source pixels, filtered without another forward pass; the letterbox equals that of Ultralytics."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from ultralytics.data.augment import LetterBox
from ultralytics.utils.nms import non_max_suppression

from tests.detectors import random_detector
from xray.errors import InvalidRequest
from xray.geometry import Affine
from xray.models.classifier import Classifier, letterbox
from xray.models.detector import chosen, detect
from xray.types import Detections, Radiograph


@pytest.fixture(scope="module")
def detector() -> Classifier:
    return random_detector()


def film(height: int, width: int) -> Radiograph:
    return Radiograph(np.random.default_rng(0).random((height, width), np.float32), "noise.png")


@given(st.integers(20, 3000), st.integers(20, 3000), st.sampled_from([128, 640]))
def test_the_letterbox_contains_the_whole_film_and_little_padding(height, width, side):
    affine, (target_height, target_width) = Affine.letterbox((height, width), side, 32)
    corners = affine.apply(np.array([[0.0, 0.0], [width, height]]))
    assert max(target_height, target_width) == side
    assert target_height % 32 == target_width % 32 == 0
    assert (corners >= 0).all()
    assert (corners[1] <= np.array([target_width, target_height]) + 1e-9).all()
    inner = corners[1] - corners[0]
    assert max(inner) == pytest.approx(side)
    assert (np.array([target_width, target_height]) - inner < 32).all()


@pytest.mark.parametrize("shape", [(200, 160), (150, 256), (128, 128), (255, 129), (90, 50)])
def test_the_letterbox_places_a_film_where_ultralytics_does(shape):
    height, width = shape
    pixels = np.zeros(shape, np.float32)
    ours = letterbox(torch.from_numpy(pixels)[None, None], 128)[0, 0].numpy()
    factor = 128 / max(shape)
    scaled = np.zeros((round(height * factor), round(width * factor), 3), np.uint8)
    theirs = LetterBox((128, 128), auto=True, stride=32)(image=scaled)[..., 0]
    assert ours.shape == theirs.shape
    assert ((ours > 0.2) == (theirs > 50)).all()
    assert ours.max() in (0, pytest.approx(114 / 255))


def test_boxes_are_those_of_the_network_in_source_pixels(detector):
    radiograph = film(200, 160)
    found = detect(detector, radiograph)
    batch, to_input = detector.prepare(radiograph)
    with torch.inference_mode():
        decoded, _ = detector.module.predict(batch)
    best = int(decoded[0, 4].argmax())
    assert found.anchor[0] == best
    assert found.confidence[0] == pytest.approx(decoded[0, 4, best].item())
    back = to_input.apply(found.xyxy[0].reshape(2, 2).astype(float)).ravel()
    inside = (to_input.apply(np.array([[0.0, 0.0], [160, 200]]))).ravel()
    expected = decoded[0, :4, best].numpy().clip(inside[[0, 1, 0, 1]], inside[[2, 3, 2, 3]])
    assert back == pytest.approx(expected, abs=0.01)
    assert (np.diff(found.confidence) <= 0).all()
    assert found.confidence[-1] >= 0.01


def test_the_logit_of_a_film_is_that_of_its_best_box(detector):
    radiograph = film(100, 128)
    assert detector.logits(radiograph).sigmoid().item() == pytest.approx(
        detect(detector, radiograph).confidence[0]
    )


def test_a_box_follows_a_film_that_is_moved():
    """The same pixels with a margin: boxes of a translation-invariant network move by the margin."""
    boxes = np.float32([[10, 20, 30, 60]])
    one = Detections("m", ("F",), boxes, np.float32([0.9]), np.zeros(1, int), np.zeros(1, int))
    assert (one.among(np.array([True])).xyxy == boxes).all()


@pytest.mark.parametrize("overlap", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("confidence", [0.05, 0.3, 0.6])
def test_choosing_is_ultralytics_suppression(detector, confidence, overlap):
    candidates = detect(detector, film(200, 160))
    given = torch.from_numpy(np.hstack([candidates.xyxy, candidates.confidence[:, None]])).T[None]
    given[:, :2], given[:, 2:4] = (given[:, :2] + given[:, 2:4]) / 2, given[:, 2:4] - given[:, :2]
    theirs = non_max_suppression(given, confidence, overlap, max_det=1000)[0].numpy()
    ours = chosen(candidates, confidence, overlap)
    assert len(ours) == len(theirs) > 0
    assert ours.confidence == pytest.approx(theirs[:, 4])
    assert ours.xyxy == pytest.approx(theirs[:, :4], abs=0.01)


def test_choosing_never_runs_the_network(detector, monkeypatch):
    candidates = detect(detector, film(200, 160))
    monkeypatch.setattr(detector.module, "predict", None)
    counts = [len(chosen(candidates, confidence)) for confidence in (0.01, 0.2, 0.5, 0.9)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


def test_a_classifier_draws_no_boxes(detector):
    entry = detector.entry.model_copy(update={"architecture": "cnn"})
    with pytest.raises(InvalidRequest, match="boxes is not a detector"):
        detect(Classifier(entry, detector.module), film(100, 100))
