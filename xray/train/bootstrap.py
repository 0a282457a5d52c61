"""Bootstrap over patients with 95% confidence intervals, drawn in parts of bounded memory.

A Figure is a function of film weights: it maps (r, n), one row per resample, to (r, ...); NaN if undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]
Figure = Callable[[Values], Values]

RESAMPLES = 2000
PART = 2**17  # weights in memory at once


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Resamples of patients. The same seed always gives the same resamples.

    Attributes:
        of_patient: Index of the patient of each film (n).
        patients: Number of patients.
        resamples: Number of resamples R.
        seed: Seed of the random generator.
    """

    of_patient: NDArray[np.intp]
    patients: int
    resamples: int = RESAMPLES
    seed: int = 0

    def among(self, films: NDArray[np.bool_]) -> Bootstrap:
        """Return the same resamples restricted to the films of a mask (n)."""
        return replace(self, of_patient=self.of_patient[films])

    def __len__(self) -> int:
        return len(self.of_patient)

    def __iter__(self) -> Iterator[Values]:
        """Iterate over parts (r, n) of the weights: how often each film occurs in each resample."""
        generator = np.random.default_rng(self.seed)
        rows = max(1, PART // max(self.patients, len(self)))
        for start in range(0, self.resamples, rows):
            size = min(rows, self.resamples - start), self.patients
            drawn = generator.integers(self.patients, size=size) + np.arange(size[0])[:, None] * self.patients
            counts = np.bincount(drawn.ravel(), minlength=size[0] * size[1]).reshape(size)
            yield counts[:, self.of_patient].astype(np.float64)

    def values(self, figures: Mapping[str, Figure]) -> dict[str, Values]:
        """Evaluate figures in all resamples, (R, ...) by name."""
        parts: dict[str, list[Values]] = {name: [] for name in figures}
        for weights in self:
            for name, figure in figures.items():
                parts[name].append(figure(weights))
        return {name: np.concatenate(values) for name, values in parts.items()}


@dataclass(frozen=True)
class Estimate:
    """A value with its 95% interval: by default percentiles of its bootstrap distribution."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def resampled(patients: list[str], resamples: int = RESAMPLES, seed: int = 0) -> Bootstrap:
    """Return a bootstrap over patients.

    Args:
        patients: Patient of each film (n).
        resamples: Number of resamples.
        seed: Seed of the random generator.
    """
    names, of_patient = np.unique(patients, return_inverse=True)
    return Bootstrap(of_patient, len(names), resamples, seed)


def on_all(figure: Figure, films: int) -> Values:
    """Evaluate a figure with every film counted once."""
    return figure(np.ones((1, films)))[0]


def estimates(figures: Mapping[str, Figure], bootstrap: Bootstrap) -> dict[str, dict[str, float]]:
    """Evaluate figures with their confidence intervals.

    Args:
        figures: Figures by name.
        bootstrap: The bootstrap over the patients of the films, see resampled().

    Returns:
        `{"value", "low", "high"}` by name.
    """
    found = {}
    for name, draws in bootstrap.values(figures).items():
        low, high = np.nanquantile(draws, (0.025, 0.975))
        found[name] = asdict(Estimate(float(on_all(figures[name], len(bootstrap))), float(low), float(high)))
    return found
