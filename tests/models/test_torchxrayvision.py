"""Networks of TorchXRayVision with random weights, against the forward pass of the library."""

import copy

import numpy as np
import pytest
import torch

from tests.models.random_weights import ENTRIES, densenet, film, one_channel_resnet, xrv
from xray.explain import METHODS, compute_maps
from xray.models.classifier import load_classifier
from xray.models.public import fetch
from xray.models.registry import entry
from xray.pipeline import Request, analyze


def spoken(label: str) -> str:
    return label.replace("_", " ").lower()


def places_of(facts) -> list[int]:
    """The indices of a model's findings among the outputs of the library."""
    labels = [spoken(label) for label in xrv.models.model_urls[facts.source]["labels"]]
    return [labels.index(spoken(finding)) for finding in facts.findings]


@pytest.mark.parametrize("facts", ENTRIES, ids=lambda facts: facts.id)
def test_findings_and_operating_points_are_the_library_s(facts):
    listed = xrv.models.model_urls[facts.source]
    trained = [
        (spoken(label), threshold)
        for label, threshold in zip(listed["labels"], listed["op_threshs"], strict=True)
        if label and not np.isnan(threshold)
    ]
    assert list(zip(map(spoken, facts.findings), facts.thresholds, strict=True)) == trained
    assert facts.input_size == listed["input_resolution"]
    assert facts.regions == ("chest",)


@pytest.mark.parametrize("source", ["densenet121-res224-all", "densenet121-res224-nih"])
def test_a_densenet_predicts_the_same_as_the_library(publish, source):
    network = copy.deepcopy(densenet())
    publish(source, network.state_dict())
    (facts,) = [one for one in ENTRIES if one.source == source]
    fetch(facts.model_copy(update={"revision": ""}))
    said = load_classifier(facts.id).predict(film(), intervals=False)
    batch = torch.from_numpy(xrv.utils.normalize(film().pixels, 1)[None, None])
    with torch.inference_mode():
        plain = network(batch)
        network.op_threshs = torch.tensor(xrv.models.model_urls[source]["op_threshs"])
        normalized = network(batch)[0]
    places = places_of(facts)
    assert said.logits == pytest.approx(plain[0, places].numpy(), abs=1e-4)
    assert said.probabilities == pytest.approx(plain[0, places].sigmoid().numpy(), abs=1e-5)
    sides = [said.at_operating_point(finding) for finding in facts.findings]
    assert sides == (normalized[places] >= 0.5).tolist()
    assert 0 < sum(sides) < len(sides)


@pytest.mark.slow
def test_a_resnet_predicts_the_same_as_the_library(publish, tmp_path):
    publish("resnet50-res512-all", one_channel_resnet().state_dict())
    url = xrv.models.model_urls["resnet50-res512-all"]["weights_url"]
    assert url.endswith("/weights.pt")  # which the library finds in tmp_path, so it fetches nothing
    theirs = xrv.models.ResNet(weights="resnet50-res512-all", cache_dir=str(tmp_path))
    facts = fetch(entry("xrv-resnet50-all"))
    ours = load_classifier("xrv-resnet50-all")
    seen = compute_maps(ours, film(512), METHODS["gradcam"], range(len(facts.findings)))
    with torch.inference_mode():
        batch = torch.from_numpy(xrv.utils.normalize(film(512).pixels, 1)[None, None])
        normalized, plain = theirs(batch)[0], theirs.model(batch)[0]
    places = places_of(facts)
    assert seen.logits[0].numpy() == pytest.approx(plain[places].numpy(), abs=1e-4)
    sides = (ours.probabilities(seen.logits)[0] >= torch.tensor(facts.thresholds)).tolist()
    assert sides == (normalized[places] >= 0.5).tolist()
    assert 0 < sum(sides) < len(sides)
    assert seen.raw_maps.shape == (16, 16, 16)


def test_maps_are_gradients_of_the_raw_logit(publish):
    """Grad-CAM at the last normalization, by hand through the library's own network."""
    network = densenet()
    publish("densenet121-res224-nih", network.state_dict())
    fetch(entry("xrv-densenet121-nih"))
    case = analyze(film(), Request("xrv-densenet121-nih", anyway=True, intervals=False))
    batch = torch.from_numpy(xrv.utils.normalize(film().pixels, 1)[None, None])
    grid = network.features(batch).detach().requires_grad_()
    logits = network.classifier(grid.relu().mean((2, 3)))
    for index in (0, 7):
        (gradients,) = torch.autograd.grad(logits[0, index], grid, retain_graph=True)
        expected = (gradients.mean((2, 3), keepdim=True) * grid).sum(1)[0].detach().numpy()
        explained = case.explanations[index]
        assert explained.raw_map == pytest.approx(expected, abs=1e-4)
        assert np.abs(expected).max() > 0.01
