"""Preprocessing of films, and one model used by many threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import gradient_film
from xray.models.classifier import load_classifier, normalize, resize
from xray.pipeline import Request, analyze
from xray.types import Radiograph


def test_a_film_is_resized_as_pillow_does_it():
    pixels = np.random.default_rng(0).random((300, 500)).astype(np.float32)
    ours = resize(torch.from_numpy(pixels)[None, None], 224)[0, 0].numpy()
    theirs = np.asarray(Image.fromarray(pixels).resize((224, 224), Image.Resampling.BILINEAR))
    assert ours == pytest.approx(theirs, abs=1e-3)


def test_film_normalization_takes_brightness_and_contrast_away():
    films = torch.rand(2, 1, 32, 32)
    normal = normalize(films, "film")
    assert normal.shape == (2, 3, 32, 32)
    assert normal[:, 0].mean(dim=(1, 2)).tolist() == pytest.approx([0, 0], abs=1e-5)
    assert normal[:, 0].std(dim=(1, 2)).tolist() == pytest.approx([1, 1], abs=1e-5)
    torch.testing.assert_close(normalize(0.3 * films + 0.2, "film"), normal, atol=1e-4, rtol=1e-4)


def test_imagenet_normalization_by_hand():
    normal = normalize(torch.full((1, 1, 2, 2), 0.5), "imagenet")
    expected = [(0.5 - 0.485) / 0.229, (0.5 - 0.456) / 0.224, (0.5 - 0.406) / 0.225]
    assert normal[0, :, 0, 0].tolist() == pytest.approx(expected, abs=1e-6)


def test_an_even_film_does_not_divide_by_zero():
    assert torch.isfinite(normalize(torch.full((1, 1, 8, 8), 0.5), "film")).all()


def test_the_affine_maps_a_bright_spot():
    pixels = np.zeros((448, 896), np.float32)
    pixels[100:104, 600:604] = 1.0
    batch, to_input = load_classifier().prepare(Radiograph(pixels, "spot.png"))
    row, column = np.unravel_index(batch[0, 0].argmax(), batch.shape[2:])
    ((x, y),) = to_input.apply(np.array([[602.0, 102.0]]))
    assert (x, y) == (602 / 4, 102 / 2)
    assert abs(column + 0.5 - x) <= 1
    assert abs(row + 0.5 - y) <= 1


def test_many_threads_get_the_same_result_as_one():
    films = [gradient_film(64 + 8 * number, 96, f"{number}.png") for number in range(4)]
    request = Request(anyway=True, intervals=False)
    alone = [analyze(film, request) for film in films]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda film: analyze(film, request), films * 3))
    for number, case in enumerate(together):
        expected = alone[number % len(films)]
        assert np.array_equal(case.prediction.logits, expected.prediction.logits)
        for one, other in zip(case.explanations, expected.explanations, strict=True):
            assert np.array_equal(one.raw_map, other.raw_map)
    assert not any(one._forward_hooks for one in load_classifier().module.modules())
