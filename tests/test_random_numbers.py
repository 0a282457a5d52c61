"""Random numbers come from explicit generators: results neither depend on nor change the global ones."""

import random
import threading

import numpy as np
import pytest
import torch
from torch import nn

from xray.evidence.weight_randomization import randomized
from xray.explain import METHODS
from xray.explain.registry import ExplainRequest
from xray.imaging.phantom import chest_phantom
from xray.models.classifier import Classifier
from xray.models.registry import ModelEntry
from xray.models.seeded import Seeded
from xray.types import Radiograph


class Interleaved(nn.Module):
    """A network during whose forward pass another thread takes global random numbers."""

    def __init__(self, disturbing: bool) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(3 * 32 * 32, 2))
        with torch.no_grad():
            values = torch.Generator().manual_seed(1)
            for parameter in self.layers[2].parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=values))
        self.disturbing = disturbing

    def forward(self, films):
        if self.disturbing:
            other = threading.Thread(target=lambda: (torch.rand(7), np.random.rand(7), random.random()))  # noqa: NPY002
            other.start()
            other.join()
        return self.layers(films) + (films**3).mean((1, 2, 3))[:, None]


def classifier(*, disturbing: bool) -> Classifier:
    entry = ModelEntry(
        id="planted",
        title="",
        task="",
        findings=("one", "two"),
        thresholds=(0.5, 0.5),
        input_size=32,
        activation="sigmoid",
        target_layer="layers.0",
        trained_on="",
        licence="",
    )
    return Classifier(entry, Interleaved(disturbing))


FILM = Radiograph(np.random.default_rng(0).random((40, 40), np.float32), "film")


def explained(name: str):
    def values(model: Classifier):
        return METHODS[name].explain(ExplainRequest(model, model.prepare(FILM)[0], (0, 1)))

    return values


def weights(model: Classifier):
    return randomized(model, 1.0).module.layers[2].weight


RESULTS = {
    "SmoothGrad": explained("smoothgrad"),
    "RISE": explained("rise"),
    "dropout": lambda model: model.varied_logits(FILM, "dropout"),
    "augmentation": lambda model: model.varied_logits(FILM, "augmentation"),
    "retakes": lambda model: model.varied_logits(FILM, "taken again"),
    "randomized weights": weights,
    "phantom": lambda _model: torch.from_numpy(chest_phantom(1, size=(96, 96)).radiograph.pixels.copy()),
}


def global_state() -> tuple[object, ...]:
    return torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_the_same_while_another_model_works(name):
    alone = RESULTS[name](classifier(disturbing=False))
    torch.manual_seed(123)
    assert torch.equal(RESULTS[name](classifier(disturbing=True)), alone)


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_does_not_touch_the_global_generators(name, monkeypatch):
    model = classifier(disturbing=False)

    def refused(*_):
        raise AssertionError("the global seed is set")

    monkeypatch.setattr(torch, "manual_seed", refused)
    before = global_state()
    RESULTS[name](model)
    assert global_state() == before


def test_initialization_is_that_of_the_global_generator_with_the_same_seed():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        expected = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Linear(4, 5)).state_dict()
    before = torch.get_rng_state()
    with Seeded(torch.Generator().manual_seed(5)):
        seeded = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Linear(4, 5)).state_dict()
    assert all(torch.equal(seeded[name], values) for name, values in expected.items())
    assert torch.equal(torch.get_rng_state(), before)


def test_random_operations_without_generator_are_refused():
    with Seeded(torch.Generator()), pytest.raises(NotImplementedError, match="accept a generator"):
        torch.rand(3)
