"""Fetching models from the Hugging Face Hub: revisions, refused and changed files, missing libraries."""

import sys

import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from tests.models.conftest import COMMIT
from tests.models.hub import ID, LABELS, SOURCE, fetched, film, hub_at, noise, resnet, saved
from xray.cli import app
from xray.errors import ModelUnavailable
from xray.models.classifier import load_classifier
from xray.models.public import add, fetch
from xray.models.registry import entry, public_file, write_entry
from xray.settings import ROOT


def test_the_commit_is_stored(hub_site, tmp_path):
    folder = saved(tmp_path / "repository")
    assert fetched(hub_site, folder).revision == COMMIT
    later = "f" * 40
    hub_site.publish(SOURCE, folder, later)
    hub_site.asked.clear()
    assert fetch(entry(ID)).revision == COMMIT
    assert not [path for path in hub_site.asked if later in path]
    add(SOURCE, "main")
    with pytest.raises(ModelUnavailable, match="has not been fetched"):
        load_classifier(ID)
    assert fetch(entry(ID)).revision == later
    assert fetch(entry(ID)).revision == later


def test_a_named_revision_is_the_one_fetched(hub_site, tmp_path):
    hub_site.publish(SOURCE, saved(tmp_path / "old"), "a" * 40, "v1")
    hub_site.publish(SOURCE, saved(tmp_path / "new", resnet()))
    assert fetch(add(SOURCE, "v1")).revision == "a" * 40
    assert "vit" in entry(ID).target_layer
    assert load_classifier(ID).predict(film(noise()), intervals=False).findings == tuple(LABELS.values())


def test_nothing_is_downloaded_without_a_request(hub_site, tmp_path):
    hub_site.publish(SOURCE, saved(tmp_path / "repository"))
    add(SOURCE)
    with pytest.raises(
        ModelUnavailable, match=r"has not been fetched yet\. Fetch it: python -m xray weights"
    ):
        load_classifier(ID)
    assert hub_site.asked == []


def test_a_fetched_model_needs_no_server(hub_site, tmp_path):
    fetched(hub_site, saved(tmp_path / "repository"))
    hub_site.pages.clear()
    hub_site.asked.clear()
    load_classifier(ID).predict(film(noise()), intervals=False)
    assert hub_site.asked == []


def test_pickles_are_refused(hub_site, tmp_path):
    folder = saved(tmp_path / "repository")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelUnavailable, match=r"has no model\.safetensors\. Only safetensors are loaded"):
        fetched(hub_site, folder)
    assert not [path for path in hub_site.asked if "resolve" in path]


def test_a_body_without_a_trained_head_is_refused(hub_site, tmp_path):
    """transformers would fill the head with random numbers and only warn."""
    folder = saved(tmp_path / "repository")
    tensors = load_file(folder / "model.safetensors")
    body = {name: one for name, one in tensors.items() if not name.startswith("classifier")}
    save_file(body, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelUnavailable, match=r"has no weights for classifier\.bias"):
        fetched(hub_site, folder)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("config.json", b'{"model_type": "no-such-type"}', "no image classifier that transformers can build"),
        ("config.json", b"{", "no image classifier that transformers can build"),
        ("model.safetensors", b"\0" * 64, "no image classifier that transformers can build"),
        ("preprocessor_config.json", b"{", "no readable preprocessing configuration"),
        ("preprocessor_config.json", b'{"size": {"height": 32, "width": 48}}', "which is not square"),
        (
            "preprocessor_config.json",
            b'{"size": 48, "do_normalize": false}',
            "does not accept films of 48 x 48",
        ),
        ("preprocessor_config.json", b'{"size": 32, "do_rescale": false}', r"not scaled to \[0, 1\]"),
        (
            "preprocessor_config.json",
            b'{"size": 32, "image_mean": [0.5]}',
            "no mean and deviation for",
        ),
    ],
)
def test_unusable_models_are_refused_and_leave_no_files(hub_site, cache, tmp_path, name, content, sentence):
    folder = saved(tmp_path / "repository")
    (folder / name).write_bytes(content)
    with pytest.raises(ModelUnavailable, match=sentence):
        fetched(hub_site, folder)
    assert list((cache / "models").iterdir()) == []


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "preprocessor_config.json"])
def test_a_changed_file_is_not_loaded(hub_site, cache, tmp_path, name):
    fetched(hub_site, saved(tmp_path / "repository"))
    path = cache / "models" / ID / name
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=f"{name} of {ID} is not the file that was fetched"):
        load_classifier(ID)


def test_a_file_that_was_not_fetched_is_not_loaded(hub_site, cache, tmp_path):
    fetched(hub_site, saved(tmp_path / "repository"))
    (cache / "models" / ID / "adapter_config.json").write_text("{}")
    with pytest.raises(
        ModelUnavailable, match=r"adapter_config\.json of .* is not the file that was fetched"
    ):
        load_classifier(ID)


def test_a_damaged_record_means_fetch_it_again(hub_site, cache, tmp_path):
    fetched(hub_site, saved(tmp_path / "repository"))
    (cache / "models" / ID / "fetched.json").write_text("{")
    with pytest.raises(ModelUnavailable, match="has not been fetched yet"):
        load_classifier(ID)


@pytest.mark.parametrize("name", ["transformers", "huggingface_hub"])
def test_a_missing_library_is_reported_with_the_install_command(hub_site, tmp_path, monkeypatch, name):
    hub_site.publish(SOURCE, saved(tmp_path / "repository"))
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModelUnavailable, match=f"{name} is not installed.*pip install -r requirements-extra"):
        fetch(add(SOURCE))
    assert hub_site.asked == []


def test_loading_without_the_library_is_a_sentence(hub_site, tmp_path, monkeypatch):
    fetched(hub_site, saved(tmp_path / "repository"))
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModelUnavailable, match="transformers is not installed"):
        load_classifier(ID)


def test_the_registry_s_spelling_of_findings_is_kept(hub_site, weights_folder, tmp_path):
    folder = saved(tmp_path / "repository")
    facts = add(SOURCE).model_copy(
        update={"findings": ("Normal", "Pneumonia", "Other"), "thresholds": (0.4, 0.3, 0.2), "id": "pinned"}
    )
    write_entry(facts, public_file())
    (weights_folder / "registry.toml").write_text((ROOT / "weights" / "registry.toml").read_text())
    hub_site.publish(SOURCE, folder)
    assert fetch(entry("pinned")).findings == ("Normal", "Pneumonia", "Other")
    assert load_classifier("pinned").entry.thresholds == (0.4, 0.3, 0.2)
    write_entry(facts.model_copy(update={"findings": ("Pneumonia", "Normal", "Other")}), public_file())
    with pytest.raises(ModelUnavailable, match="reports NORMAL, PNEUMONIA, OTHER, unlike the registry"):
        fetch(entry("pinned"))


def test_a_model_that_is_not_there_is_a_sentence(hub_site):
    with pytest.raises(ModelUnavailable, match="The server answered 404 for someone/chest-vit"):
        fetch(add(SOURCE))


def test_offline_is_a_sentence_in_the_terminal(cache, nowhere, monkeypatch):
    hub_at(nowhere, monkeypatch)
    done = CliRunner().invoke(app, ["weights", "fetch", "hf-vit-pneumonia"])
    assert done.exit_code == 2
    assert done.stderr.startswith(
        "hf-vit-pneumonia cannot be fetched: the connection to its server failed. Try again later;"
    )
    assert "Traceback" not in done.stderr
    assert list((cache / "models").iterdir()) == []
