"""Models with one fault each, as real modules, and films on which a sound model passes.

A film is two halves of different gray, its labels say which is brighter, with fine noise and a slope from
top to bottom. The halves meet between pixels 31 and 32: where JPEG's blocks meet, so that it leaves the
edge alone. Film normalization takes brightness out of everything.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from xray.audit import audit
from xray.audit.registry import Result
from xray.geometry import Affine
from xray.models.classifier import Classifier
from xray.models.registry import ModelEntry
from xray.types import Radiograph

SIDE = 64
LogOdds = Callable[[Tensor], Tensor]  # gray inputs (n, S, S) to log-odds of the second finding (n)


def planted_film(seed: int, brighter: bool) -> Radiograph:
    """A film whose right half is brighter, or darker, than its left one."""
    generator = np.random.default_rng(seed)
    contrast = generator.uniform(0.15, 0.3) * (1 if brighter else -1)
    pixels = np.full((SIDE, SIDE), 0.5 - contrast / 2)
    pixels[:, SIDE // 2 :] += contrast
    pixels += np.linspace(-0.1, 0.1, SIDE)[:, None] * generator.uniform()
    pixels += generator.normal(0, 0.01, pixels.shape)
    return Radiograph(pixels.astype(np.float32), f"{seed}.png")


def planted_films(kinds: tuple[bool, ...] = (True, False), n: int = 12) -> list[Radiograph]:
    return [planted_film(seed, kinds[seed % len(kinds)]) for seed in range(n)]


def labels_of(films: list[Radiograph]) -> list[frozenset[str]]:
    return [frozenset({"Opacity" if contrast_of(film) > 0 else "Normal"}) for film in films]


def contrast_of(film: Radiograph) -> float:
    return float(film.pixels[:, SIDE // 2 :].mean() - film.pixels[:, : SIDE // 2].mean())


def planted_entry(**facts: object) -> ModelEntry:
    given: dict[str, object] = {
        "id": "planted",
        "title": "Planted",
        "task": "a test",
        "architecture": "planted",
        "findings": ("Normal", "Opacity"),
        "input_size": SIDE,
        "activation": "softmax",
        "thresholds": (0.5, 0.5),
        "trained_on": "nothing",
        "licence": "none",
    }
    return ModelEntry.model_validate(given | facts)


class Planted(nn.Module):
    """Two logits that are exact opposites."""

    def __init__(self, log_odds: LogOdds) -> None:
        super().__init__()
        self.log_odds = log_odds

    def forward(self, films: Tensor) -> Tensor:
        half = self.log_odds(films.mean(1)) / 2
        return torch.stack([-half, half], dim=1)


def difference(gray: Tensor) -> Tensor:
    """Right half minus left half, within [-2, 2] under film normalization."""
    return gray[..., SIDE // 2 :].mean((1, 2)) - gray[..., : SIDE // 2].mean((1, 2))


def sound(gray: Tensor) -> Tensor:
    return 0.9 * difference(gray)


def by_noise(gray: Tensor) -> Tensor:
    """Depends on differences of neighboring pixels, which JPEG removes."""
    neighbors = (gray[:, :, 5:28] - gray[:, :, 4:27]).abs().mean((1, 2))
    return sound(gray) * torch.tanh(neighbors / 0.02)


def by_edge(gray: Tensor) -> Tensor:
    """Compares the two columns beside the middle: one pixel further there is no edge."""
    return 0.9 * (gray[:, :, SIDE // 2] - gray[:, :, SIDE // 2 - 1]).mean(1)


def by_brightness(gray: Tensor) -> Tensor:
    return 3 * difference(gray) + 10 * gray.mean((1, 2))


class Unnormalized(Classifier):
    """Omits the declared normalization."""

    def prepare(self, radiograph: Radiograph) -> tuple[Tensor, Affine]:
        _, affine = super().prepare(radiograph)
        return self.film(radiograph).expand(-1, 3, -1, -1), affine


class Dividing(Classifier):
    """Divides by a deviation that it never computed."""

    def prepare(self, radiograph: Radiograph) -> tuple[Tensor, Affine]:
        batch, affine = super().prepare(radiograph)
        return batch / torch.zeros(1), affine


class Vanishing(Classifier):
    """Multiplies the film by zero."""

    def prepare(self, radiograph: Radiograph) -> tuple[Tensor, Affine]:
        batch, affine = super().prepare(radiograph)
        return batch * 0, affine


class Stale(Classifier):
    """Gives the network the first film it ever saw."""

    first: Tensor | None = None

    def prepare(self, radiograph: Radiograph) -> tuple[Tensor, Affine]:
        batch, affine = super().prepare(radiograph)
        self.first = batch if self.first is None else self.first
        return self.first, affine


@dataclass(frozen=True)
class Fault:
    """check: the check that the fault targets; others: checks that must fail as well, with reasons."""

    name: str
    check: str
    build: Callable[[], Classifier]
    others: frozenset[str] = frozenset()


def plant(log_odds: LogOdds, **facts: object) -> Callable[[], Classifier]:
    return lambda: Classifier(planted_entry(**facts), Planted(log_odds))


MUTE = frozenset({"constant-output", "one-answer"})  # who never varies says the same of every film

FAULTS = (
    Fault("says NaN", "numbers", plant(lambda gray: sound(gray) * torch.nan)),
    Fault("constant", "constant-output", plant(lambda gray: difference(gray) * 0 + 0.7), MUTE),
    Fault("biased", "one-answer", plant(lambda gray: 2.5 + 0.4 * difference(gray))),
    Fault("mildly biased", "one-answer", plant(lambda gray: 1.5 + 0.7 * difference(gray))),
    Fault(
        "biased, several findings",
        "one-answer",
        plant(lambda gray: 3.5 + 0.8 * difference(gray), activation="sigmoid"),
    ),
    Fault("overconfident", "overconfident", plant(lambda gray: 50 * sound(gray))),
    Fault("forgets to normalize", "input-range", lambda: Unnormalized(planted_entry(), Planted(sound))),
    Fault(
        "divides by zero",
        "input-range",
        lambda: Dividing(planted_entry(), Planted(sound)),
        frozenset({"numbers"}),
    ),
    Fault(
        "multiplies by zero",
        "input-range",
        lambda: Vanishing(planted_entry(), Planted(sound)),
        MUTE | {"input-identical"},
    ),
    Fault("stale input", "input-identical", lambda: Stale(planted_entry(), Planted(sound)), MUTE),
    Fault("reads noise", "jpeg", plant(by_noise)),
    Fault("reads one edge", "one-pixel-shift", plant(by_edge)),
    Fault("reads brightness", "brightness", plant(by_brightness, normalization="symmetric")),
    Fault(
        "throws dice",
        "determinism",
        plant(lambda gray: sound(gray) + 0.01 * torch.randn(len(gray))),
    ),
)


def audited(classifier: Classifier, films: list[Radiograph], labeled: bool = True) -> dict[str, Result]:
    results = audit(classifier, films, labels_of(films) if labeled else None)
    return {result.name: result for result in results}


def failed(results: dict[str, Result]) -> set[str]:
    return {name for name, result in results.items() if result.verdict == "failed"}
