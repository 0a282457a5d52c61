"""Fallback for every cause of failure: another model of the same task, and a notice with the reason."""

import sys

import pytest

from tests.conftest import gradient_film
from tests.models.test_ensemble import register, register_ensemble, tiny
from xray.errors import ModelUnavailable
from xray.models.architectures import ARCHITECTURES
from xray.models.fallback import load_with_fallback
from xray.models.public import add
from xray.models.registry import public_file, write_entry


@pytest.fixture
def chain(weights_folder, cache):
    """Three bundled models and an ensemble of one task, a model of another task, a model not downloaded."""
    register(weights_folder, "one", 32, 10)
    register(weights_folder, "stranger", 32, 11, task="something else")
    register(weights_folder, "two", 32, 12)
    register_ensemble(weights_folder)
    register(weights_folder, "three", 32, 13)
    write_entry(add("someone/net").model_copy(update={"id": "distant", "task": "planted"}), public_file())
    with ARCHITECTURES.temporarily("tiny", tiny):
        yield weights_folder


def test_an_available_model_is_used_without_a_notice(chain):
    for model_id in ("one", "two", "both", "stranger"):
        model, said = load_with_fallback(model_id)
        assert (model.entry.id, said) == (model_id, "")
    assert load_with_fallback()[0].entry.id == "one"


def test_missing_weights(chain):
    (chain / "one.safetensors").unlink()
    model, said = load_with_fallback("one")
    assert model.entry.id == "two"
    assert said.startswith("two answers instead: The weights of one are missing. Restore")
    assert model.predict(gradient_film(), intervals=False).model_id == "two"


def test_altered_weights(chain):
    (chain / "two.safetensors").write_bytes(b"altered")
    model, said = load_with_fallback("two")
    assert model.entry.id == "one"
    assert "two.safetensors is not the file that the registry names" in said


def test_an_ensemble_without_a_member(chain):
    (chain / "two.safetensors").unlink()
    model, said = load_with_fallback("both")
    assert model.entry.id == "one"
    assert "The weights of two are missing" in said


def test_the_third_answers_when_two_and_their_ensemble_cannot(chain):
    for name in ("one", "two"):
        (chain / f"{name}.safetensors").unlink()
    model, said = load_with_fallback("one")
    assert model.entry.id == "three"
    assert said.startswith("three answers instead: The weights of one are missing")


def test_a_model_that_has_not_been_fetched(chain):
    model, said = load_with_fallback("distant")
    assert model.entry.id == "one"
    assert "distant has not been fetched yet. Fetch it: python -m xray weights fetch distant." in said


def test_a_missing_library(chain, cache, monkeypatch):
    folder = cache / "models" / "distant"
    folder.mkdir(parents=True)
    (folder / "fetched.json").write_text('{"revision": "", "facts": {"revision": "abc"}, "files": {}}')
    monkeypatch.setitem(sys.modules, "transformers", None)
    model, said = load_with_fallback("distant")
    assert model.entry.id == "one"
    assert (
        "The library transformers is not installed. Install it: pip install -r requirements-extra.txt."
        in said
    )


def test_another_task_never_answers(chain):
    (chain / "stranger.safetensors").unlink()
    with pytest.raises(ModelUnavailable, match=r"No model for something else can be loaded: stranger\."):
        load_with_fallback("stranger")


def test_a_chain_that_fails_wholly_names_every_model(chain):
    for path in chain.glob("*.safetensors"):
        path.unlink()
    sentence = (
        r"No model for planted can be loaded: two, one, both, three, distant\. The weights of two are mis"
    )
    with pytest.raises(ModelUnavailable, match=sentence):
        load_with_fallback("two")


def test_an_unknown_model_stays_an_error(chain):
    with pytest.raises(ModelUnavailable, match=r"There is no model 'oracle'.*one.*distant"):
        load_with_fallback("oracle")


def test_public_models_fall_back_to_the_bundled_ones(cache):
    for public, bundled in (("hf-vit-pneumonia", "pneumonia"), ("xrv-densenet121-all", "chest findings")):
        model, said = load_with_fallback(public)
        assert model.entry.kind in ("bundled", "ensemble")
        assert model.entry.task == bundled
        assert f"{public} has not been fetched yet" in said
