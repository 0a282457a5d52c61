"""What is put to the test: a model, a film at the model's size, a finding, and maps said to explain it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xray.evidence.weight_randomization import SHARES, Model, forgetful
from xray.explain import METHODS, Method, explain
from xray.geometry import Affine
from xray.types import Pixels, Radiograph

Again = Callable[[Model, Radiograph], Pixels]
Box = tuple[float, float, float, float]
RANDOM, COARSE = 3, 7  # random maps per film, and the cells of each along a side
QUICK = ("gradcam", "gradcam++", "eigencam", "ablationcam", "integrated-gradients", "smoothgrad")
SPREAD = 0.25  # standard deviation of the centered Gaussian, as a share of a side


@dataclass(frozen=True, eq=False)
class Candidate:
    """A map (h, w) of the film at the model's size, and how it would be made again."""

    map: Pixels
    again: Again


@dataclass(frozen=True, eq=False)
class Subject:
    """Everything a check may ask.

    radiograph: at the model's size (h, w), so that a map's cell is a pixel of the network's. boxes: where the
    finding is, as (left, top, right, bottom) there. grid: the sides of the map before it was enlarged.
    limits: by check, what 95% of maps of other films stay under (see limits.py); empty where not measured.
    shared: what is made once for all methods on the same film and finding.
    """

    model: Model
    radiograph: Radiograph
    finding: str
    method: Method
    own: Candidate
    grid: tuple[int, int]
    boxes: Sequence[Box] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What is shared under a name, made when it is first asked for."""
        if name not in self.shared:
            self.shared[name] = make()
        return self.shared[name]

    @property
    def index(self) -> int:
        return self.model.entry.findings.index(self.finding)

    @property
    def shape(self) -> tuple[int, int]:
        height, width = self.radiograph.pixels.shape
        return height, width

    @cached_property
    def film(self) -> Tensor:
        """(1, 1, h, w)"""
        return torch.from_numpy(self.radiograph.pixels.copy())[None, None]

    def silence(self, candidate: Candidate) -> str:
        """What is to say of a map without anything positive; empty for any other."""
        return "" if candidate.map.max() > 0 else f"The map holds nothing that speaks for {self.finding}."

    @property
    def logit(self) -> float:
        return float(self.once("logit", lambda: self.ask(self.film)[0]))

    def ask(self, films: Tensor) -> Pixels:
        """The finding's calibrated logits (n) of changed films (n, 1, h, w): its log-odds, so that under
        softmax what speaks for another finding counts as well.
        """
        device = self.model.members[0].device
        said = self.model.answers(films.to(device), self.film.to(device))
        return self.model.log_odds(said)[:, self.index].astype(np.float32)

    @property
    def forgetful(self) -> dict[float, Model]:
        """The model with ever more of its layers forgotten (see forgetful.py), by the share of them."""
        return self.once("forgetful", lambda: {share: forgetful(self.model, share) for share in SHARES})

    @property
    def others(self) -> dict[str, Pixels]:
        """The maps (h, w) of quick methods that fit, by title; the subject's own is not among them."""
        return {
            title: one for title, one in self.once("quick", self._quick).items() if title != self.method.title
        }

    def _quick(self) -> dict[str, Pixels]:
        fitting = (METHODS[name] for name in QUICK if not METHODS[name].refusal(self.model))
        return {
            method.title: explain(self.model, self.radiograph, method, [self.finding])[1][0].heatmap()
            for method in fitting
        }

    @property
    def random(self) -> list[Candidate]:
        """Random maps, always the same for a film, and made again in the same order for every check."""
        seed = zlib.crc32(self.radiograph.pixels.tobytes())
        return [Candidate(noise(self.shape, one), freshly(one)) for one in range(seed, seed + RANDOM)]

    @property
    def centered(self) -> Candidate:
        """A centered Gaussian, which no film and no model moves."""
        return Candidate(gaussian(self.shape), lambda _model, film: gaussian(film.pixels.shape))


def subject(
    model: Model,
    radiograph: Radiograph,
    method: Method,
    finding: str,
    boxes: Sequence[Box] = (),
    limits: Mapping[str, float] | None = None,
    shared: dict[str, Any] | None = None,
) -> Subject:
    """A film brought to the model's size and explained there; boxes are in source pixels.

    shared: a dictionary for all methods on one film and finding, to do their common work once.

    Raises InvalidRequest where the method does not fit the model.
    """
    film = model.film(radiograph)[0, 0].cpu().numpy()
    member = max(model.members, key=lambda one: one.entry.input_size)
    to_film = member.prepare(radiograph)[1]
    small = Radiograph(film, radiograph.name, simulated=radiograph.simulated)

    def again(asked: Model, changed: Radiograph) -> Pixels:
        return explain(asked, changed, method, [finding])[1][0].heatmap()

    made = explain(model, small, method, [finding])[1][0]
    height, width = made.raw_map.shape
    return Subject(
        model=model,
        radiograph=small,
        finding=finding,
        method=method,
        own=Candidate(made.heatmap(), again),
        grid=(height, width),
        boxes=[moved(to_film, box) for box in boxes],
        limits=limits or {},
        shared={} if shared is None else shared,
    )


def moved(affine: Affine, box: Box) -> Box:
    (left, top), (right, bottom) = affine.apply(np.array(box).reshape(2, 2)).tolist()
    return left, top, right, bottom


def noise(shape: tuple[int, int], seed: int) -> Pixels:
    """A map (h, w) as smooth as a target layer's: coarse noise, enlarged."""
    coarse = np.random.default_rng(seed).normal(size=(COARSE, COARSE)).astype(np.float32)
    return Affine.stretch(coarse.shape, shape).warp(coarse, shape)


def freshly(seed: int) -> Again:
    """A random map depends on what it is made of, and on nothing in it."""
    draws = iter(range(seed + 1_000_003, 2**62))
    return lambda _model, film: noise(film.pixels.shape, next(draws))


def gaussian(shape: tuple[int, ...]) -> Pixels:
    """A map (h, w) that is highest in the middle of the film, whatever it shows."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    y, x = (rows + 0.5) / shape[0] - 0.5, (columns + 0.5) / shape[1] - 0.5
    return np.exp(-(x**2 + y**2) / (2 * SPREAD**2)).astype(np.float32)


def edges(film: NDArray[np.float32]) -> Pixels:
    """What an edge detector sees on a film (h, w): a map that looks at no model (Sobel)."""
    across, down = (cv2.Sobel(film, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    return np.hypot(across, down).astype(np.float32)
