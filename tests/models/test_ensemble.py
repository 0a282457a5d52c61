"""An ensemble is a mean: of its members' calibrated logits, and of their maps."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from tests.conftest import gradient_film
from xray.errors import ModelUnavailable
from xray.models.architectures import ARCHITECTURES
from xray.models.classifier import load_classifier
from xray.models.ensemble import load_model, model_of
from xray.models.registry import ModelEntry, write_entry
from xray.models.weights import encode_weights
from xray.pipeline import Request, analyze

FACTS = {
    "task": "planted",
    "architecture": "tiny",
    "findings": ("Left", "Right"),
    "normalization": "imagenet",
    "activation": "sigmoid",
    "thresholds": (0.5, 0.5),
    "target_layer": "1",
    "trained_on": "nothing",
    "licence": "none",
}
SCALES, SHIFTS = {"one": (2.0, 0.5), "two": (1.5, 3.0)}, {"one": (0.3, -0.2), "two": (-1.0, 0.4)}


def tiny(findings: int) -> nn.Module:
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 8, 5, 2, 2), nn.ReLU()),
        nn.Sequential(nn.Conv2d(8, 16, 5, 2, 2), nn.ReLU()),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(16, findings),
    )


def register(folder, model_id: str, side: int, seed: int, **changes) -> None:
    """A small network with random weights, its entry in the folder's registry."""
    torch.manual_seed(seed)
    content = encode_weights(tiny(2))
    (folder / f"{model_id}.safetensors").write_bytes(content)
    write_entry(
        ModelEntry.model_validate(
            FACTS
            | {
                "id": model_id,
                "title": model_id,
                "weights": f"{model_id}.safetensors",
                "sha256": hashlib.sha256(content).hexdigest(),
                "input_size": side,
            }
            | changes
        ),
        folder / "registry.toml",
    )


def register_ensemble(folder, **changes) -> None:
    facts = {"id": "both", "title": "both", "kind": "ensemble", "members": ("one", "two"), "target_layer": ""}
    write_entry(ModelEntry.model_validate(FACTS | facts | changes), folder / "registry.toml")


@pytest.fixture
def members(weights_folder):
    """Two networks that look at films in different sizes, so their grids are 8 x 8 and 16 x 16."""
    register(weights_folder, "one", 32, 0, scale=SCALES["one"], shift=SHIFTS["one"])
    register(weights_folder, "two", 64, 1, scale=SCALES["two"], shift=SHIFTS["two"])
    register_ensemble(weights_folder)
    with ARCHITECTURES.temporarily("tiny", tiny):
        yield weights_folder


def mean_logits(film) -> np.ndarray:
    each = [
        load_classifier(name).predict(film, intervals=False).logits.astype(float) * SCALES[name]
        + SHIFTS[name]
        for name in ("one", "two")
    ]
    return (each[0] + each[1]) / 2


def test_probabilities_are_hand_arithmetic(members):
    film = gradient_film(60, 90)
    said = load_model("both").predict(film)
    assert said.logits == pytest.approx(mean_logits(film), abs=1e-5)
    assert said.probabilities == pytest.approx(1 / (1 + np.exp(-mean_logits(film))), abs=1e-6)
    for name in ("one", "two"):
        assert not np.allclose(
            said.logits, load_classifier(name).predict(film, intervals=False).logits, atol=1e-2
        )


def test_its_own_calibration_comes_after_the_mean(members):
    register_ensemble(members, scale=(0.5, 2.0), shift=(1.0, -1.0))
    film = gradient_film()
    scaled = mean_logits(film) * (0.5, 2.0) + (1.0, -1.0)
    assert load_model("both").predict(film, intervals=False).probabilities == pytest.approx(
        1 / (1 + np.exp(-scaled)), abs=1e-6
    )


def test_an_interval_contains_the_probability(members):
    said = load_model("both").predict(gradient_film())
    assert (said.intervals[:, 0] < said.probabilities).all()
    assert (said.probabilities < said.intervals[:, 1]).all()


def test_its_map_is_the_mean_of_the_maps_on_the_finest_grid(members):
    film = gradient_film(60, 90)
    one, two, both = (analyze(film, Request(name, anyway=True)) for name in ("one", "two", "both"))
    assert both.prediction.logits == pytest.approx(mean_logits(film), abs=1e-5)
    for index, finding in enumerate(FACTS["findings"]):
        coarse, fine = one.explanation(finding).raw_map, two.explanation(finding).raw_map
        assert (coarse.shape, fine.shape) == ((8, 8), (16, 16))
        expected = (
            SCALES["one"][index] * cv2.resize(coarse, (16, 16), interpolation=cv2.INTER_LINEAR)
            + SCALES["two"][index] * fine
        ) / 2
        explained = both.explanation(finding)
        assert explained.raw_map == pytest.approx(expected, abs=1e-6)
        assert explained.to_source == two.explanation(finding).to_source
        assert explained.layer == "one: 1, two: 1"
        assert np.abs(explained.raw_map).max() > 0


def test_a_map_explains_the_mean_as_its_gradient_does(members):
    """Grad-CAM of the mean of two networks, by one backward pass through both."""
    register(members, "two", 32, 1, scale=SCALES["two"], shift=SHIFTS["two"])
    film = gradient_film(60, 90)
    kept, total = [], torch.zeros(1, 2)
    for name in ("one", "two"):
        member = load_classifier(name)
        middle = member.module[:2](member.prepare(film)[0]).requires_grad_()
        total = total + (member.module[2:](middle) * torch.tensor(SCALES[name]) + torch.tensor(SHIFTS[name]))
        kept.append(middle)
    explanations = analyze(film, Request("both", anyway=True)).explanations
    for index, explanation in enumerate(explanations):
        gradients = torch.autograd.grad(total[0, index] / 2, kept, retain_graph=True)
        expected = sum(
            (slope.mean((2, 3), keepdim=True) * middle).sum(1)[0]
            for slope, middle in zip(gradients, kept, strict=True)
        )
        assert explanation.raw_map == pytest.approx(expected.detach().numpy(), abs=1e-5)


def test_its_hash_changes_with_a_members_weights(members):
    before = load_model("both").predict(gradient_film(), intervals=False).weights_sha256
    register(members, "two", 64, 2, scale=SCALES["two"], shift=SHIFTS["two"])
    after = load_model("both").predict(gradient_film(), intervals=False).weights_sha256
    assert len(before) == len(after) == 64
    assert before != after


def test_members_that_report_other_findings_are_refused(members):
    register(members, "two", 64, 1, findings=("Left", "Above"))
    with pytest.raises(ModelUnavailable, match="both cannot average two, which reports other findings"):
        load_model("both")


def test_a_missing_member_is_named(members):
    register(members, "two", 64, 3)  # weights that no test has loaded before
    (members / "two.safetensors").unlink()
    with pytest.raises(ModelUnavailable, match="weights of two are missing"):
        load_model("both")


def test_an_ensemble_is_no_network(members):
    with pytest.raises(ModelUnavailable, match=r"both is an ensemble, not a network.*one, two"):
        load_classifier("both")


def test_model_of_returns_the_model_of_the_result_or_fails(members):
    prediction = load_model("both").predict(gradient_film())
    assert model_of(prediction).members == load_model("both").members
    with pytest.raises(ModelUnavailable, match="both has other weights now"):
        model_of(replace(prediction, weights_sha256="0" * 64))
