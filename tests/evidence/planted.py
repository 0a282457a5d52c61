"""Networks with known evidence, and maps that are checked like those of a method."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.audit.planted import planted_entry
from xray.evidence import CHECKS, Candidate, CheckContext, FilmContext, Limit, check, check_context
from xray.evidence.context import Box
from xray.evidence.limits import upper
from xray.evidence.meaningless import meaningless_maps
from xray.evidence.weight_randomization import randomized
from xray.explain import METHODS, ExplainRequest, Method, explain
from xray.models.classifier import Classifier, normalize
from xray.types import Pixels, Radiograph

SIDE = 32
CELLS = SIDE * SIDE
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


def striped(seed: int, sick: bool = True) -> Radiograph:
    """A noisy film with a patch of upright stripes on either half; if it is sick, those on one are level."""
    generator = np.random.default_rng(seed)
    film = generator.normal(0.5, 0.05, (SIDE, SIDE))
    stripes = np.tile(np.repeat([0.2, -0.2], 2), (12, 3))
    level = generator.integers(2)
    for half in (0, 1):
        row, column = generator.integers(1, SIDE - 13), generator.integers(1, 4) + half * SIDE // 2
        patch = stripes.T if sick and half == level else stripes
        film[row : row + 12, column : column + 12] += patch
    return Radiograph(film.clip(0, 1).astype(np.float32), f"{seed}.png")


@cache
def finder() -> Classifier:
    """A small network trained to tell films with level stripes from those without."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        first = nn.Conv2d(3, 8, 5, 1, 2, bias=False), nn.BatchNorm2d(8), nn.ReLU()
        second = nn.Conv2d(8, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU()
        head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 1)
        module = nn.Sequential(nn.Sequential(*first, *second), *head)
        sick = torch.arange(256) % 2 == 1
        films = np.stack([striped(seed, bool(one)).pixels for seed, one in enumerate(sick)])
        batch = normalize(torch.from_numpy(films)[:, None], "film")
        optimizer = torch.optim.Adam(module.parameters(), 0.02)
        for some in (some for _ in range(15) for some in torch.randperm(256).split(32)):
            said = module(batch[some])
            optimizer.zero_grad()
            functional.binary_cross_entropy_with_logits(said, sick[some].float()[:, None]).backward()
            optimizer.step()
    return classifier_of(module, normalization="film")


@cache
def judged(method: Method) -> list[CheckContext]:
    """Striped films explained by a method; twelve have its limits measured, the other twelve are judged."""
    made = [context_of(finder(), striped(seed), method) for seed in range(1000, 1024)]
    limits = limits_of(made[:12])
    return [replace(one, limits=limits) for one in made[12:]]


def limits_of(made: Sequence[CheckContext]) -> dict[str, Limit]:
    """Limits of deletion, insertion, ROAD, agreement, randomization and stability, as limits.py has them."""
    untrained = randomized(finder(), 1.0, seed=1)
    values: dict[str, dict[str, list[float]]] = {}
    for before, one in pairwise(made):
        for kind, candidate in meaningless_maps(one, untrained, before.candidate.map).items():
            for name in ("deletion", "insertion", "road", "agreement"):
                found = CHECKS[name].measure(one, candidate).value
                values.setdefault(name, {}).setdefault(kind, []).append(found)
    limits = {name: Limit(max(map(upper, kinds.values()))) for name, kinds in values.items()}
    true = [CHECKS["randomization"].measure(one, one.candidate).value for one in made]
    random = [CHECKS["stability"].measure(one, one.film.random_maps[0]).value for one in made]
    return limits | {"randomization": Limit((1 + upper(true)) / 2), "stability": Limit(upper(random))}


def verdicts(name: str, contexts: list[CheckContext]) -> list[str]:
    return [check(one, name).verdict for one in contexts]


def context_of(
    model: Classifier,
    radiograph: Radiograph,
    method: Method,
    finding: str = FINDING,
    boxes: Sequence[Box] = (),
    limits: Mapping[str, Limit] | None = None,
) -> CheckContext:
    """A film explained by a method, which need not be registered."""
    (explanation,) = explain(model, radiograph, method, [finding])[1]
    with METHODS.temporarily(method.name, method):
        return check_context(model, radiograph, explanation, boxes, limits)


def with_map(model: Classifier, film: Pixels, drawn: Pixels, **more: object) -> CheckContext:
    """A film with a constant map."""
    candidate = Candidate(drawn, lambda _model, _film: drawn)
    shared = FilmContext(model, Radiograph(film.copy(), "planted.png"), FINDING)
    return CheckContext(shared, METHODS["gradcam"], candidate, drawn.shape, **more)


def method_of(name: str, draw: Callable[[Pixels], Pixels]) -> Method:
    """A method whose map (h, w) depends on the film but not on the network."""

    def explain(request: ExplainRequest) -> Tensor:
        drawn = torch.from_numpy(draw(request.batch[0, 0].numpy()))
        return drawn.expand(len(request.findings), -1, -1)

    return Method(name, name.title(), "", "one pass", "nothing", explain, True, lambda _classifier: "")
