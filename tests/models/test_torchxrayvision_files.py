"""Files of TorchXRayVision: only the published weights are read, and no code in a file runs."""

import os
import sys

import pytest
import torch
from typer.testing import CliRunner

from tests.models.random_weights import densenet, film, xrv
from xray.cli import app
from xray.errors import ModelUnavailable
from xray.models.classifier import load_classifier
from xray.models.public import fetch
from xray.models.registry import entry


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
