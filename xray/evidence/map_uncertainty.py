"""Uncertainty of a map: its mean and variation over small changes of the film and ensemble members.

See Mulye and Valdenegro-Toro 2024, arXiv:2403.17224. The changes are those of the Stability check, so the two
agree about the film; the Stability check gives one figure, and this gives its place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xray.evidence.context import FilmContext
from xray.evidence.stability import changes
from xray.evidence.weight_randomization import Model
from xray.explain import Method, explain
from xray.explain.registry import Progress, no_progress
from xray.geometry import Affine
from xray.imaging.transforms import Transformed
from xray.models.ensemble import Ensemble
from xray.types import Explanation, Pixels, Radiograph

LEAST = 0.1  # share of the highest mean below which the coefficient of variation is not defined


@dataclass(frozen=True, eq=False)
class MapUncertainty:
    """Mean and coefficient of variation of the maps of a finding, on the grid of the network's input.

    Attributes:
        method: Title of the method.
        mean: The mean map, in the method's unit.
        variation: Standard deviation divided by mean, float32 (h, w); NaN where it is not defined.
        films: Number of films: the film and its changes.
        members: Number of networks.
    """

    method: str
    mean: Explanation
    variation: Pixels
    films: int
    members: int

    @property
    def variation_map(self) -> Explanation:
        """The coefficient of variation as a map, 0 where it is not defined."""
        title = f"coefficient of variation of {self.method}"
        return replace(self.mean, method=title, raw_map=np.nan_to_num(self.variation))


def map_uncertainty(
    model: Model, radiograph: Radiograph, method: Method, finding: str, progress: Progress = no_progress
) -> MapUncertainty:
    """Explain a finding on the film and its changes, by every network of an ensemble, and compare the maps.

    Args:
        model: The model.
        radiograph: The film.
        method: The explanation method.
        finding: A finding of the model.
        progress: Receives the share done, in [0, 1].

    Raises:
        InvalidRequest: The method does not fit the model.
    """
    film = FilmContext.of(model, radiograph, finding)
    changed = [Transformed(film.radiograph.pixels), *changes(film.radiograph.pixels).values()]
    runs = [(version, member) for version in changed for member in model.members]
    index, maps = model.entry.findings.index(finding), []
    for number, (version, member) in enumerate(runs):

        def run_progress(share: float, before: int = number) -> None:
            progress((before + share) / len(runs))

        changed_film = replace(film.radiograph, pixels=version.pixels)
        explanation = explain(member, changed_film, method, [finding], run_progress)[1][0]
        weight = member.entry.scaling[0][index] if isinstance(model, Ensemble) else 1.0
        values = version.affine.inverse().warp(weight * explanation.heatmap(), film.shape)
        maps.append(np.where(_on_film(version.affine, film.shape), values, np.nan))
        run_progress(1.0)
    mean, variation = mean_and_variation(np.stack(maps))
    mean_map = Explanation(
        method=f"mean of {method.title}",
        layer=explanation.layer,
        finding=finding,
        raw_map=mean,
        to_source=film.from_source.inverse(),
        source_shape=radiograph.pixels.shape,
        model_id=model.entry.id,
        weights_sha256=model.entry.sha256,
    )
    return MapUncertainty(method.title, mean_map, variation, len(changed), len(model.members))


def mean_and_variation(maps: NDArray[np.floating]) -> tuple[Pixels, Pixels]:
    """Compute the mean and the coefficient of variation of maps, cell by cell.

    Args:
        maps: (n, h, w); NaN where a map has no value. Each cell has a value in one map at least.

    Returns:
        The mean (h, w), and the standard deviation (of all values, not of a sample) divided by the mean
        (h, w); NaN where the mean is not positive or is less than LEAST of its maximum: the quotient of
        values near 0 has no meaning.
    """
    mean = np.asarray(np.nanmean(maps, axis=0, dtype=np.float64))
    deviation = np.asarray(np.nanstd(maps, axis=0, dtype=np.float64))
    defined = (mean >= LEAST * mean.max()) & (mean > 0)
    variation = np.divide(deviation, mean, out=np.full(mean.shape, np.nan), where=defined)
    return mean.astype(np.float32), np.asarray(variation, np.float32)


def _on_film(affine: Affine, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Mark the pixels of a film (h, w) that a change leaves on the film, rather than moving them off it."""
    rows, columns = np.indices(shape, np.float64).reshape(2, -1)
    points = affine.apply(np.stack([columns, rows], axis=1) + 0.5)
    inside: NDArray[np.bool_] = ((points >= 0) & (points <= shape[::-1])).all(1).reshape(shape)
    return inside
