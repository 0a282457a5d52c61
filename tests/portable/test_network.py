"""The network that is exported gives the answers and the Grad-CAM maps of the pipeline, without gradients."""

import numpy as np
import pytest
import torch

from xray.errors import InvalidRequest
from xray.explain import METHODS
from xray.explain.run import compute_maps
from xray.imaging.phantom import chest_phantom
from xray.models.ensemble import load_model
from xray.models.registry import entries
from xray.portable.network import PortableNetwork

FILM = chest_phantom(3, size=(250, 218)).radiograph
CLASSIFIERS = [model.id for model in entries() if model.fit == "stretch"]
DETECTORS = [model.id for model in entries() if model.fit == "letterbox"]
WITH_MAPS = {
    "mobilenet_v2",
    "mobilenet_v2_early",
    "densenet121",
    "xception_small",
}  # a mean before the last layer


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_answers_and_maps_are_those_of_the_pipeline(name):
    model = load_model(name)
    network = PortableNetwork(model)
    with torch.inference_mode():
        probabilities, logits, *maps = network(torch.from_numpy(FILM.pixels.copy())[None, None])
    expected = model.logits(FILM)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-4)
    torch.testing.assert_close(probabilities, model.probabilities(expected), rtol=0, atol=1e-5)
    assert network.has_maps == (model.entry.architecture in WITH_MAPS)
    if maps:
        findings = range(len(model.entry.findings))
        raw = compute_maps(model, FILM, METHODS["gradcam"], findings).raw_maps
        np.testing.assert_allclose(maps[0][0].numpy(), raw, rtol=0, atol=1e-5 * np.abs(raw).max())


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_is_refused(name):
    with pytest.raises(InvalidRequest, match=f"{name} is a detector"):
        PortableNetwork(load_model(name))
