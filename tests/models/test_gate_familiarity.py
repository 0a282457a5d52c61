"""Familiarity: distances by hand, the limit, its file, and what the gate does with it."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.conftest import gradient_film
from xray.errors import ModelUnavailable
from xray.imaging.phantom import simulated_samples
from xray.models.classifier import load_classifier
from xray.models.gate import GATE, check_input
from xray.models.gate.familiarity import FeatureBank, decoded, distance, encoded, feature_bank
from xray.models.registry import entry
from xray.settings import settings
from xray.types import GateResult


def fan(angles: list[float]) -> torch.Tensor:
    """Unit vectors in a plane at angles in degrees."""
    radians = torch.deg2rad(torch.tensor(angles))
    return torch.stack([radians.cos(), radians.sin()], dim=1)


@pytest.fixture
def bank() -> FeatureBank:
    """Chest films at 0 to 9 degrees, hands at 90 to 99; held-out films 0, 0.1 ... 1 away."""
    return FeatureBank(
        torch.cat([fan(list(range(10))), fan(list(range(90, 100)))]),
        torch.arange(20) // 10,
        ("chest", "hand"),
        torch.linspace(0, 1, 11).repeat(2, 1),
        torch.tensor([0.25, 0.05]),
    )


def test_the_distance_is_one_minus_the_cosine_to_the_fifth_nearest():
    expected = 1 - np.cos(np.radians([4, 4]))  # from 0 degrees to 0, 1, 2, 3, 4
    np.testing.assert_allclose(distance(fan([0, 0]) * 7, fan(list(range(10)))), expected, atol=1e-6)


def test_every_region_has_its_distance(bank):
    ((chest, hand),) = bank.distances(fan([45])).tolist()
    assert chest == pytest.approx(1 - np.cos(np.radians(40)), abs=1e-6)  # 9, 8, 7, 6, 5 degrees
    assert hand == pytest.approx(1 - np.cos(np.radians(49)), abs=1e-6)  # 90, 91, 92, 93, 94


def test_familiarity_is_the_share_of_held_out_films_that_are_farther(bank):
    familiar = bank.nearest(torch.tensor([0.24, 0.9]), ["chest"])
    assert (familiar.region, familiar.within) == ("chest", True)
    assert familiar.share == pytest.approx(8 / 11)  # 0.3, 0.4 ... 1.0
    assert not bank.nearest(torch.tensor([0.26, 0.9]), ["chest"]).within


def test_the_nearest_region_is_the_one_whose_limit_is_kept_best(bank):
    distances = torch.tensor([0.2, 0.06])  # 0.8 and 1.2 times the limit
    assert bank.nearest(distances, ["hand", "chest"]).region == "chest"
    assert bank.nearest(distances, ["hand", "elbow"]).region == "hand"


def test_a_bank_is_the_same_after_writing_and_reading(bank):
    again = decoded(encoded(bank))
    torch.testing.assert_close(again.features, bank.features, atol=1e-3, rtol=0)
    assert again.regions == bank.regions
    assert again.region.tolist() == bank.region.tolist()
    assert torch.equal(again.limits, bank.limits)
    assert torch.equal(again.held_out, bank.held_out)


def test_an_altered_or_missing_bank_is_reported(bank, weights_folder):
    known = entry_with_bank(weights_folder, bank)
    assert feature_bank(known).regions == bank.regions
    (weights_folder / "altered.safetensors").write_bytes(encoded(bank)[:-1])
    with pytest.raises(ModelUnavailable, match="not the file that the registry names"):
        feature_bank(known.model_copy(update={"bank": "altered.safetensors"}))
    with pytest.raises(ModelUnavailable, match="missing"):
        feature_bank(known.model_copy(update={"bank": "none.safetensors"}))


def entry_with_bank(folder, bank):
    content = encoded(bank)
    (folder / "bank.safetensors").write_bytes(content)
    facts = {"bank": "bank.safetensors", "bank_sha256": hashlib.sha256(content).hexdigest()}
    return GATE_ENTRY.model_copy(update=facts)


GATE_ENTRY = entry(GATE)


def test_the_features_are_the_input_of_the_last_layer():
    gate = load_classifier(GATE)
    last = gate.module.classifier[-1]
    for film in (gradient_film(), *(sample.build().radiograph for sample in simulated_samples())):
        logits, features = gate.logits_and_features(film)
        torch.testing.assert_close(features @ last.weight.T + last.bias, logits)
        torch.testing.assert_close(gate.logits(film), logits, atol=1e-4, rtol=0)


def test_the_bundled_bank_is_small_and_knows_every_region_of_the_models():
    bank = feature_bank(GATE_ENTRY)
    assert (settings().weights_dir / GATE_ENTRY.bank).stat().st_size < 3e6
    regions = set(entry().regions) | set(entry("fracture-yolov8n").regions)
    assert regions <= set(bank.regions)
    torch.testing.assert_close(bank.features.norm(dim=1), torch.ones(len(bank.features)), atol=1e-3, rtol=0)


def test_a_film_that_the_network_accepts_is_refused_if_it_is_unfamiliar(bank):
    film = simulated_samples()[0].build().radiograph
    real = replace(film, simulated=False)
    known = check_input(real, entry())
    assert known.accepted
    assert known.compared.startswith(("Closer to the training films than", "Unusual:", "Farther from"))
    far = replace_limits(feature_bank(GATE_ENTRY), 0.0)
    result = check_input(real, entry(), far)
    assert (result.kind, result.familiar_region) == ("unfamiliar", "chest")
    assert result.reason == "This image is unlike the chest films that the input gate was trained on."
    assert check_input(film, entry(), far).accepted, "a simulated film is a radiograph"


def replace_limits(bank: FeatureBank, limit: float) -> FeatureBank:
    return replace(bank, limits=torch.full_like(bank.limits, limit + 1e-9))


def test_a_model_of_limbs_refuses_a_simulated_chest_and_accepts_a_simulated_forearm():
    chest, forearm = (simulated_samples()[number].build().radiograph for number in (0, 3))
    limbs = entry("fracture-yolov8n")
    refused = check_input(chest, limbs)
    assert (refused.accepted, refused.kind) == (False, "another region")
    assert "This looks like a chest" in refused.reason
    assert check_input(forearm, limbs).accepted
    assert check_input(forearm, entry()).kind == "another region"


@pytest.mark.parametrize(
    ("share", "sentence"),
    [
        (None, ""),
        (0.07, "Unusual: closer to the training films than only 7% of new chest films."),
        (0.6, "Closer to the training films than 60% of new chest films."),
        (0.0, "Farther from the training films than all new chest films that were compared."),
    ],
)
def test_familiarity_is_one_sentence_and_a_doubt_if_no_film_is_farther(share, sentence):
    result = GateResult(True, "", "", "accepted", share, "chest")
    assert result.compared == sentence
    assert bool(result.doubt) == (share == 0)
