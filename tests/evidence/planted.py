"""Networks whose reason is known, and maps put to the checks as if a method had drawn them."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from tests.audit.planted import planted_entry
from xray.evidence import Candidate, Subject
from xray.explain import METHODS, Asked, Method
from xray.models.classifier import Classifier
from xray.types import Pixels, Radiograph

SIDE = 32
FINDING = "Opacity"
SQUARE = np.s_[8:16, 16:24]  # a sixteenth of a film


def classifier_of(module: nn.Module, **facts: object) -> Classifier:
    """One finding, films of 32 pixels that are not normalized; Grad-CAM at layer 0."""
    one = {"findings": (FINDING,), "thresholds": (0.5,), "activation": "sigmoid"}
    more = {"input_size": SIDE, "normalization": "unit", "target_layer": "0"}
    return Classifier(planted_entry(**one | more | facts), module)


class Weighted(nn.Module):
    """The logit is the film's (h, w) mean with these weights."""

    def __init__(self, weights: Pixels) -> None:
        super().__init__()
        self.weights = torch.from_numpy(weights / weights.sum())

    def forward(self, films: Tensor) -> Tensor:
        return (films[:, 0] * self.weights).sum((1, 2))[:, None]


def square() -> Pixels:
    place = np.zeros((SIDE, SIDE), np.float32)
    place[SQUARE] = 1
    return place


def dots(seed: int) -> Pixels:
    return np.random.default_rng(seed).random((SIDE, SIDE), np.float32)


def asked_about(model: Classifier, film: Pixels, drawn: Pixels, **more: object) -> Subject:
    """A film with a map that stays the same whatever it is made of."""
    own = Candidate(drawn, lambda _model, _film: drawn)
    radiograph = Radiograph(film, "planted.png")
    return Subject(model, radiograph, FINDING, METHODS["gradcam"], own, drawn.shape, **more)


def method_of(name: str, draw: Callable[[Pixels], Pixels]) -> Method:
    """A method that draws a map (h, w) of the film it sees and never asks the network."""

    def explain(asked: Asked) -> Tensor:
        drawn = torch.from_numpy(draw(asked.batch[0, 0].numpy()))
        return drawn.expand(len(asked.findings), -1, -1)

    return Method(name, name.title(), "", "one pass", "nothing", explain, True, lambda _classifier: "")
