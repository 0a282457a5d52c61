"""Networks of TorchXRayVision with random weights, against the forward pass of the library."""

import copy
import os
import sys
from functools import cache as once

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models import resnet50
from typer.testing import CliRunner

from xray.cli import app
from xray.errors import ModelUnavailable
from xray.explain import METHODS, compute_maps
from xray.models.classifier import load_classifier
from xray.models.public import fetch
from xray.models.registry import entry, listed_public
from xray.pipeline import Request, analyze
from xray.types import Radiograph

xrv = pytest.importorskip("torchxrayvision")

ENTRIES = [one for one in listed_public().values() if one.kind == "torchxrayvision"]


def spoken(label: str) -> str:
    return label.replace("_", " ").lower()


def places_of(facts) -> list[int]:
    """The indices of a model's findings among the outputs of the library."""
    labels = [spoken(label) for label in xrv.models.model_urls[facts.source]["labels"]]
    return [labels.index(spoken(finding)) for finding in facts.findings]


def film(side: int = 224) -> Radiograph:
    return Radiograph(np.random.default_rng(0).random((side, side), np.float32), "noise.png")


def settled(network: nn.Module, head: nn.Linear, bias: float) -> nn.Module:
    """Random weights with activations of constant scale and logits on both sides of a bias."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        network.train()(torch.from_numpy(xrv.utils.normalize(film(128).pixels, 1)).expand(2, 1, -1, -1))
    nn.init.normal_(head.bias, mean=bias, std=2)
    return network.eval()


@once
def densenet() -> nn.Module:
    torch.manual_seed(0)
    network = xrv.models.DenseNet(num_classes=18)
    nn.init.normal_(network.features.norm5.bias)
    return settled(network, network.classifier, -4)


def one_channel_resnet() -> nn.Module:
    torch.manual_seed(0)
    network = resnet50(num_classes=18)
    network.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
    return settled(network, network.fc, 0)


def published(site, cache, monkeypatch, source, tmp_path, content, **how) -> None:
    """The library's address of a network's weights, served by the local site."""
    torch.save(content, tmp_path / "weights.pt", **how)
    site.pages["/weights.pt"] = (tmp_path / "weights.pt").read_bytes(), {}
    monkeypatch.setitem(xrv.models.model_urls[source], "weights_url", f"{site.url}/weights.pt")


@pytest.fixture
def publish(site, cache, monkeypatch, tmp_path):
    def at(source, content, **how):
        published(site, cache, monkeypatch, source, tmp_path, content, **how)

    return at


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


def test_only_safetensors_stay(publish, cache, site):
    publish("densenet121-res224-nih", densenet().state_dict())
    fetched = fetch(entry("xrv-densenet121-nih"))
    kept = [path.relative_to(cache).as_posix() for path in cache.rglob("*") if path.is_file()]
    folder = "models/xrv-densenet121-nih"
    assert sorted(kept) == [f"{folder}.lock", f"{folder}/fetched.json", f"{folder}/model.safetensors"]
    assert (
        load_classifier("xrv-densenet121-nih").predict(film(), intervals=False).weights_sha256
        == fetched.sha256
    )
    assert site.asked == ["/weights.pt"]


def test_a_whole_network_in_the_file_is_read_for_its_tensors(publish):
    network = densenet()
    publish("densenet121-res224-nih", network)
    fetch(entry("xrv-densenet121-nih"))
    ours = load_classifier("xrv-densenet121-nih").module.network
    torch.testing.assert_close(dict(ours.state_dict()), dict(network.state_dict()))


def test_a_file_of_the_old_kind_that_names_code_is_refused(publish, cache):
    publish("densenet121-res224-nih", densenet(), _use_new_zipfile_serialization=False)
    with pytest.raises(ModelUnavailable, match="holds more than weights, which could run code"):
        fetch(entry("xrv-densenet121-nih"))
    assert list((cache / "models").iterdir()) == []


class Trap:
    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_code_in_a_pickle_never_runs(publish, tmp_path):
    publish("densenet121-res224-nih", {"weights": Trap(tmp_path / "trapped")})
    with pytest.raises(ModelUnavailable, match="holds more than weights"):
        fetch(entry("xrv-densenet121-nih"))
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize("content", [{"features": torch.zeros(1)}, [1, 2], torch.zeros(3)])
def test_weights_that_do_not_fit_are_refused(publish, cache, content):
    publish("densenet121-res224-nih", content)
    with pytest.raises(ModelUnavailable, match="do not fit densenet121-res224-nih"):
        fetch(entry("xrv-densenet121-nih"))
    assert list((cache / "models").iterdir()) == []


def test_a_changed_file_is_not_loaded(publish, cache):
    publish("densenet121-res224-nih", densenet().state_dict())
    fetch(entry("xrv-densenet121-nih"))
    path = cache / "models" / "xrv-densenet121-nih" / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"model\.safetensors of xrv-densenet121-nih is not the file"):
        load_classifier("xrv-densenet121-nih")


def test_another_file_than_the_published_or_the_first_one_is_not_opened(publish, cache, monkeypatch):
    publish("densenet121-res224-all", densenet().state_dict())
    publish("densenet121-res224-nih", densenet().state_dict())
    first = fetch(entry("xrv-densenet121-nih"))
    publish("densenet121-res224-nih", densenet().state_dict() | {"classifier.bias": torch.ones(18)})
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("the file was opened"))
    for model_id in ("xrv-densenet121-all", "xrv-densenet121-nih"):
        with pytest.raises(ModelUnavailable, match=r"sent another file .*: its sha256 differs"):
            fetch(entry(model_id))
    assert entry("xrv-densenet121-nih") == first


def test_the_first_download_of_a_file_without_published_hash_is_reported(publish):
    publish("densenet121-res224-nih", densenet().state_dict())
    first, again = (CliRunner().invoke(app, ["weights", "fetch", "xrv-densenet121-nih"]) for _ in range(2))
    assert "No sha256 is published for densenet121-res224-nih" in first.stdout
    assert "No sha256" not in again.stdout
    assert entry("xrv-densenet121-nih").revision in again.stdout
    assert entry("xrv-densenet121-all").revision.startswith("56524913dd16a906")


def test_nothing_is_downloaded_without_a_request(publish, site):
    publish("densenet121-res224-nih", densenet().state_dict())
    with pytest.raises(ModelUnavailable, match="has not been fetched yet"):
        load_classifier("xrv-densenet121-nih")
    assert site.asked == []


def test_a_missing_library_is_reported_with_the_install_command(cache, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchxrayvision", None)
    with pytest.raises(ModelUnavailable, match=r"torchxrayvision is not installed.*requirements-extra"):
        fetch(entry("xrv-resnet50-all"))


def test_a_file_that_is_gone_and_a_server_that_is_gone_are_sentences(site, nowhere, cache, monkeypatch):
    listed = xrv.models.model_urls["resnet50-res512-all"]
    monkeypatch.setitem(listed, "weights_url", f"{site.url}/gone.pt")
    with pytest.raises(ModelUnavailable, match="The server answered 404 for resnet50-res512-all"):
        fetch(entry("xrv-resnet50-all"))
    monkeypatch.setitem(listed, "weights_url", f"{nowhere}/weights.pt")
    with pytest.raises(ModelUnavailable, match="xrv-resnet50-all cannot be fetched: the connection"):
        fetch(entry("xrv-resnet50-all"))


def test_a_cache_that_cannot_be_written_is_a_sentence(publish, cache):
    publish("densenet121-res224-nih", densenet().state_dict())
    cache.write_text("a file, not a folder")
    with pytest.raises(ModelUnavailable, match=r"Nothing can be kept in .*XRAY_CACHE_DIR"):
        fetch(entry("xrv-densenet121-nih"))
