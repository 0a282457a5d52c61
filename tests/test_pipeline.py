"""One Case from one film: aligned to the film, whatever its shape, and explained from the same pass."""

import cv2
import numpy as np
import pytest

from tests.conftest import gradient_film
from xray.errors import InvalidRequest, ModelUnavailable
from xray.imaging.phantom import simulated_samples
from xray.models.classifier import load_classifier
from xray.pipeline import Request, analyze

ANYWAY = Request(anyway=True, intervals=False)  # a film made of gradients is no radiograph


@pytest.mark.parametrize("shape", [(224, 224), (96, 500), (700, 300), (1201, 33)])
def test_a_heatmap_lies_on_the_film_as_the_network_saw_it(shape):
    """The whole film was stretched to the input, so the grid is stretched back over the whole film."""
    case = analyze(gradient_film(*shape), ANYWAY)
    for explanation in case.explanations:
        heatmap = explanation.heatmap()
        assert heatmap.shape == shape
        expected = cv2.resize(explanation.raw_map, shape[::-1], interpolation=cv2.INTER_LINEAR)
        assert heatmap == pytest.approx(expected, abs=1e-5)
        x, y = explanation.peak
        row, column = np.unravel_index(explanation.raw_map.argmax(), explanation.raw_map.shape)
        assert (x, y) == pytest.approx(((column + 0.5) * shape[1] / 7, (row + 0.5) * shape[0] / 7))


def test_the_explained_answer_is_the_plain_answer(film):
    explained, plain = analyze(film, ANYWAY).prediction, load_classifier().predict(film, intervals=False)
    assert explained.logits == pytest.approx(plain.logits, abs=1e-5)
    assert explained.weights_sha256 == plain.weights_sha256


def test_every_finding_has_its_own_map():
    case = analyze(simulated_samples()[1].build().radiograph, ANYWAY)
    assert [one.finding for one in case.explanations] == list(case.prediction.findings)
    maps = [one.raw_map for one in case.explanations]
    assert not np.allclose(maps[0], maps[1])
    assert all(np.abs(one).max() > 0 for one in maps)


def test_what_does_not_exist_is_refused(film):
    with pytest.raises(InvalidRequest, match="gradcam"):
        analyze(film, Request(method="tea leaves"))
    with pytest.raises(ModelUnavailable, match="pneumonia-mobilenet"):
        analyze(film, Request(model_id="oracle"))
