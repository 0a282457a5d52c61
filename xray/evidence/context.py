"""What a check receives: a model, a film at the model's size, a finding, and the explanation to check."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from xray.errors import InvalidRequest
from xray.evidence.baseline_maps import gaussian, noise
from xray.evidence.weight_randomization import SHARES, Model, randomized
from xray.explain import METHODS, Method, explain, method_of
from xray.geometry import Affine
from xray.types import Explanation, Pixels, Radiograph

T = TypeVar("T")
Remake = Callable[[Model, Radiograph], Pixels]
Box = tuple[float, float, float, float]
RANDOM = 3  # random maps per film
QUICK = ("gradcam", "gradcam++", "eigencam")  # of one pass, and of different kinds


@dataclass(frozen=True)
class Limit:
    """The limit of a check.

    Attributes:
        value: At most 5% of each kind of meaningless maps are on its better side (see limits.py).
        median: Median value of meaningless maps.
        centered: Median value of a centered Gaussian.
    """

    value: float
    median: float = float("nan")
    centered: float = float("nan")


@dataclass(frozen=True, eq=False)
class Candidate:
    """A map (h, w) at the model's size, and the function that makes such a map of another film or model."""

    map: Pixels
    remake: Remake


@dataclass(frozen=True, eq=False)
class Reading:
    """Measurement of a check on one map.

    Attributes:
        value: The measured value; NaN if it is missing.
        missing: Why nothing can be measured, or empty.
        note: What the value refers to, a sentence, or empty.
        details: Further values by name.
        curves: float32 (n) by name.
        maps: float32 (h, w) by name.
    """

    value: float
    missing: str = ""
    note: str = ""
    details: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, Pixels] = field(default_factory=dict)
    maps: Mapping[str, Pixels] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class FilmContext:
    """A model, a film and a finding, with results that the checks of all methods share.

    Attributes:
        model: The model.
        radiograph: The film at the model's size (h, w): a pixel of the map is a pixel of the network's input.
        finding: The finding.
        from_source: Affine from source pixels to `radiograph`.
    """

    model: Model
    radiograph: Radiograph
    finding: str
    from_source: Affine = field(default_factory=lambda: Affine.scale(1.0, 1.0))
    _computed: dict[object, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, model: Model, radiograph: Radiograph, finding: str) -> FilmContext:
        """Bring a film to the model's size."""
        pixels = model.film(radiograph)[0, 0].cpu().numpy()
        resized = Radiograph(pixels, radiograph.name, simulated=radiograph.simulated)
        return cls(model, resized, finding, model.to_input(radiograph.pixels.shape))

    def once(self, compute: Callable[[FilmContext], T]) -> T:
        """The result of a function of this context, computed at the first call."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        result: T = self._computed[compute]
        return result

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the film at the model's size."""
        height, width = self.radiograph.pixels.shape
        return height, width

    @cached_property
    def tensor(self) -> Tensor:
        """The film as (1, 1, h, w)."""
        return torch.from_numpy(self.radiograph.pixels.copy())[None, None]

    def logits(self, films: Tensor) -> Pixels:
        """Calibrated logits (n) of the finding on changed films (n, 1, h, w).

        They are log-odds, so that under softmax evidence for another finding counts as well.
        """
        device = self.model.members[0].device
        logits = self.model.film_logits(films.to(device), self.tensor.to(device))
        index = self.model.entry.findings.index(self.finding)
        return self.model.log_odds(logits)[:, index].astype(np.float32)

    @cached_property
    def logit(self) -> float:
        """Calibrated logit of the finding on the unchanged film."""
        return float(self.logits(self.tensor)[0])

    @cached_property
    def gray_logit(self) -> float:
        """Calibrated logit of the finding on a film that is hidden entirely, under its mean."""
        return float(self.logits(torch.full_like(self.tensor, float(self.tensor.mean())))[0])

    @cached_property
    def randomized_models(self) -> dict[float, Model]:
        """The model with a growing share of its layers randomized, by that share."""
        return {share: randomized(self.model, share) for share in SHARES}

    @cached_property
    def quick_maps(self) -> dict[str, Pixels]:
        """The maps (h, w) of the quick methods that fit the model, by the method's name."""
        return {
            name: explain(self.model, self.radiograph, METHODS[name], [self.finding])[1][0].heatmap()
            for name in QUICK
            if not METHODS[name].refusal(self.model)
        }

    @property
    def random_maps(self) -> list[Candidate]:
        """Random maps: always the same for a film, and remade in the same order for every check."""
        seed = zlib.crc32(self.radiograph.pixels.tobytes())
        return [
            Candidate(noise(self.shape, number), _remade_noise(number))
            for number in range(seed, seed + RANDOM)
        ]

    @property
    def centered_map(self) -> Candidate:
        """A centered Gaussian, which depends on no film and no model."""
        return Candidate(gaussian(self.shape), lambda _model, film: gaussian(film.pixels.shape))


@dataclass(frozen=True, eq=False)
class CheckContext:
    """An explanation of a film, prepared for its checks.

    Attributes:
        film: The context that all methods share.
        method: The method of the explanation.
        candidate: Its map at the model's size.
        grid: Shape (h, w) of the raw map.
        boxes: Where the finding is, as (left, top, right, bottom) at the model's size.
        limits: Limits by check (see limits.py); empty if they were not measured.
    """

    film: FilmContext
    method: Method
    candidate: Candidate
    grid: tuple[int, int]
    boxes: Sequence[Box] = ()
    limits: Mapping[str, Limit] = field(default_factory=dict)

    @property
    def other_maps(self) -> dict[str, Pixels]:
        """The maps (h, w) of the other quick methods, by title."""
        maps = self.film.quick_maps.items()
        return {METHODS[name].title: values for name, values in maps if name != self.method.name}

    def without_evidence(self, candidate: Candidate) -> str:
        """Why a map without positive values is not checked; empty for any other map."""
        return "" if candidate.map.max() > 0 else f"The map has no positive evidence for {self.film.finding}."


def check_context(
    model: Model,
    radiograph: Radiograph,
    explanation: Explanation,
    boxes: Sequence[Box] = (),
    limits: Mapping[str, Limit] | None = None,
    film: FilmContext | None = None,
) -> CheckContext:
    """Prepare an explanation for its checks: bring its map, which is not computed again, to the model's size.

    Args:
        model: The model that made the explanation.
        radiograph: The film that the explanation explains.
        explanation: The map to check.
        boxes: Where the finding is, as (left, top, right, bottom) in source pixels.
        limits: See CheckContext.
        film: The context of the same model, film and finding, to share work between methods.

    Raises:
        InvalidRequest: The explanation was made by other weights than the model's.
    """
    if explanation.weights_sha256 != model.entry.sha256:
        raise InvalidRequest(
            f"The map of {explanation.finding} was made by {explanation.model_id} with other weights than "
            f"those of {model.entry.id}.",
            hint="Analyze the film again.",
        )
    film = film or FilmContext.of(model, radiograph, explanation.finding)
    method, finding = method_of(explanation), explanation.finding

    def remake(other: Model, changed: Radiograph) -> Pixels:
        return explain(other, changed, method, [finding])[1][0].heatmap()

    shown = explanation.to_source.then(film.from_source).warp(explanation.raw_map, film.shape)
    height, width = explanation.raw_map.shape
    return CheckContext(
        film=film,
        method=method,
        candidate=Candidate(shown, remake),
        grid=(height, width),
        boxes=[_moved(film.from_source, box) for box in boxes],
        limits=limits or {},
    )


def _moved(affine: Affine, box: Box) -> Box:
    (left, top), (right, bottom) = affine.apply(np.array(box).reshape(2, 2)).tolist()
    return left, top, right, bottom


def _remade_noise(seed: int) -> Remake:
    """A random map that differs at every call, whatever the film and the model."""
    seeds = iter(range(seed + 1_000_003, 2**62))
    return lambda _model, film: noise(film.pixels.shape, next(seeds))
