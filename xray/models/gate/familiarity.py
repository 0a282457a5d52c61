"""Familiarity: the distance of a film to its nearest training films in the features of the gate's network."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from xray.errors import ModelUnavailable
from xray.models.registry import ModelEntry
from xray.settings import settings

NEIGHBOR = 5  # the distance is that to the 5th nearest film of a region


@dataclass(frozen=True, eq=False)
class FeatureBank:
    """Features of training films, and the distances of held-out good films to them.

    Attributes:
        features: Unit vectors (n, C).
        region: Index (n) of each film's region in `regions`.
        regions: Names (R) of the regions.
        held_out: Distances (R, Q) of good films that are not in the bank, at Q evenly spaced quantiles.
        limits: Distances (R) from which a film is unfamiliar.
    """

    features: Tensor
    region: Tensor
    regions: tuple[str, ...]
    held_out: Tensor
    limits: Tensor

    def distances(self, features: Tensor) -> Tensor:
        """Cosine distance of films to the NEIGHBOR-th nearest film of every region.

        Args:
            features: (m, C), of any length.

        Returns:
            (m, R).
        """
        similarity = nn.functional.normalize(features, dim=1) @ self.features.T  # (m, n)
        columns = [_distance(similarity[:, self.region == index]) for index in range(len(self.regions))]
        return torch.stack(columns, dim=1)

    def nearest(self, distances: Tensor, regions: Iterable[str]) -> Familiarity:
        """The familiarity with the region, among some, whose limit a film keeps best.

        Args:
            distances: Those of the film to every region (R).
            regions: Names of the regions.
        """
        indices = [self.regions.index(name) for name in regions if name in self.regions]
        best = min(indices, key=lambda index: float(distances[index] / self.limits[index]))
        farther = float((self.held_out[best] > distances[best]).float().mean())
        return Familiarity(self.regions[best], farther, bool(distances[best] <= self.limits[best]))


@dataclass(frozen=True)
class Familiarity:
    """How close a film is to the training films of a region.

    Attributes:
        region: The region.
        share: Share of the region's held-out good films that are farther from the training films, in [0, 1].
        within: Whether the distance is within the limit.
    """

    region: str
    share: float
    within: bool


def distance(features: Tensor, others: Tensor) -> Tensor:
    """Cosine distance (m) of features (m, C) to the NEIGHBOR-th nearest of others (n, C); n >= NEIGHBOR."""
    unit, other_unit = (nn.functional.normalize(vectors, dim=1) for vectors in (features, others))
    return _distance(unit @ other_unit.T)


def _distance(similarity: Tensor) -> Tensor:
    return 1 - similarity.topk(NEIGHBOR, dim=1).values[:, -1]


def feature_bank(entry: ModelEntry) -> FeatureBank:
    """Load the feature bank of the gate. Raises ModelUnavailable if it is missing or altered."""
    return _read(str(settings().weights_dir / entry.bank), entry.bank_sha256, entry.id)


@lru_cache(maxsize=2)
def _read(path: str, sha256: str, model_id: str) -> FeatureBank:
    hint = "Restore it from the repository, or run: python -m xray gate-bank."
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise ModelUnavailable(f"The feature bank of {model_id} is missing.", hint=hint) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelUnavailable(
            f"The feature bank of {model_id} is not the file that the registry names.", hint=hint
        )
    try:
        return decoded(content)
    except (SafetensorError, KeyError, ValueError) as error:
        raise ModelUnavailable(f"The feature bank of {model_id} cannot be read.", hint=hint) from error


def decoded(content: bytes) -> FeatureBank:
    """Read a feature bank that encoded() wrote."""
    tensors = safetensors.torch.load(content)
    return FeatureBank(
        tensors["features"].float(),
        tensors["region"].long(),
        tuple(bytes(tensors["regions"].tolist()).decode().split("\n")),
        tensors["held_out"],
        tensors["limits"],
    )


def encoded(bank: FeatureBank) -> bytes:
    """Write a feature bank as safetensors, features in half precision."""
    return safetensors.torch.save(
        {
            "features": bank.features.half(),
            "region": bank.region.to(torch.uint8),
            "regions": torch.from_numpy(np.frombuffer("\n".join(bank.regions).encode(), np.uint8).copy()),
            "held_out": bank.held_out,
            "limits": bank.limits,
        }
    )
