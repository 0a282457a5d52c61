"""The training films nearest to a film, in the embedding of the model (see embedding.py).

A bank of embeddings, labels and file names lies beside the weights; it holds no films.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from xray.errors import InvalidRequest, ModelUnavailable
from xray.models.classifier import Classifier
from xray.models.embedding import embedding
from xray.models.ensemble import Ensemble
from xray.models.registry import ModelEntry
from xray.settings import settings
from xray.types import Radiograph

Values = NDArray[np.float32]
NEIGHBORS = 4  # films of each answer
HASH = 8  # bytes of the sha256 of a film's pixels
UNKNOWN = 2  # in the file, a label that is not known


@dataclass(frozen=True, eq=False)
class NeighborBank:
    """Embeddings of training films, reduced by PCA.

    Attributes:
        features: Places (N, D) of the films.
        mean: Mean (C) of the embeddings, each of length 1.
        components: Principal directions (D, C).
        findings: Findings (K) of the model.
        labels: 1 for present, 0 for absent, NaN for unknown (N, K).
        names: Paths (N) below the folder of the training data.
        hashes: First HASH bytes (N) of the sha256 of the pixels.
        apart: Distances of training films to the nearest film of another patient, at evenly spaced quantiles.
    """

    features: Values
    mean: Values
    components: Values
    findings: tuple[str, ...]
    labels: Values
    names: tuple[str, ...]
    hashes: tuple[bytes, ...]
    apart: Values

    def place(self, vectors: Values) -> Values:
        """Places (m, D) of embeddings (m, C) of any length."""
        return ((unit(vectors) - self.mean) @ self.components.T).astype(np.float32)

    def distances(self, place: Values) -> Values:
        """Euclidean distances (N) of the films to a place (D)."""
        return np.linalg.norm(self.features - place, axis=1).astype(np.float32)

    def closer(self, distance: float) -> float:
        """Share of training films whose nearest film of another patient is farther than a distance."""
        return float((self.apart > distance).mean())


@dataclass(frozen=True)
class Neighbor:
    """A training film near to a film.

    Attributes:
        name: Path below the folder of the training data.
        labels: Findings of the model that the film is labeled with.
        fully_labeled: Whether the label of every finding of the model is known.
        present: Whether the requested finding is one of them.
        distance: Euclidean distance of the reduced embeddings; at most 2.
        closer: Share of training films that are farther from every training film of another patient.
        sha256: Start of the sha256 of its pixels.
    """

    name: str
    labels: tuple[str, ...]
    fully_labeled: bool
    present: bool
    distance: float
    closer: float
    sha256: str


@dataclass(frozen=True)
class Neighbors:
    """The nearest training films of a film, the nearest first.

    Attributes:
        finding: The finding.
        called: Whether the model reports the finding.
        same: Films whose label is the model's answer.
        other: Films with the other label.
        trained_on: Name of the film among the training films, or empty; it is not its own neighbor.
    """

    finding: str
    called: bool
    same: tuple[Neighbor, ...]
    other: tuple[Neighbor, ...]
    trained_on: str

    @property
    def titled(self) -> tuple[tuple[str, tuple[Neighbor, ...]], ...]:
        """The films of the same and of the other answer, each with a title that names their label."""
        names = {True: f"with {self.finding}", False: f"without {self.finding}"}
        return (
            (f"Same answer: {names[self.called]}", self.same),
            (f"Other answer: {names[not self.called]}", self.other),
        )


def unit(vectors: Values) -> Values:
    """Vectors (m, C) scaled to length 1; those of length 0 are unchanged."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def neighbors(
    model: Classifier | Ensemble, radiograph: Radiograph, finding: str, called: bool, n: int = NEIGHBORS
) -> Neighbors:
    """Find the training films nearest to a film, with and without a finding.

    Args:
        model: A model with a bank.
        radiograph: The film.
        finding: A finding of the model.
        called: Whether the model reports the finding.
        n: Number of films of each kind.

    Raises:
        ModelUnavailable: The model has no bank, or it is missing or altered.
        InvalidRequest: The model does not report the finding, or n is not positive.
    """
    if n < 1:
        raise InvalidRequest(f"{n} neighbors are requested.", hint="Request at least one.")
    bank, finding = neighbor_bank(model.entry), model.entry.spelled(finding)
    distances = bank.distances(bank.place(embedding(model, radiograph)[None])[0])
    itself = np.array([known.hex() == radiograph.sha256[: 2 * HASH] for known in bank.hashes])
    labels = bank.labels[:, bank.findings.index(finding)]

    def nearest(present: bool) -> tuple[Neighbor, ...]:
        among = np.flatnonzero((labels == present) & ~itself)
        return tuple(
            _neighbor(bank, int(film), present, float(distances[film]))
            for film in among[np.argsort(distances[among], kind="stable")[:n]]
        )

    trained_on = bank.names[int(itself.argmax())] if itself.any() else ""
    return Neighbors(finding, called, nearest(called), nearest(not called), trained_on)


def distance_sentence(film: Neighbor) -> str:
    """A neighbor's distance in words."""
    if film.closer < 0.005:
        return f"distance {film.distance:.2f}, farther than training films are from the nearest other patient"
    return (
        f"distance {film.distance:.2f}, closer than {film.closer:.0%} of the training films are to the "
        "nearest film of another patient"
    )


def labels_of(film: Neighbor) -> str:
    """The labels of a neighbor, joined."""
    return ", ".join(film.labels) or (
        "no finding of the model" if film.fully_labeled else "finding not labeled"
    )


def comparison_sentence(entry: ModelEntry, finding: str) -> str:
    """What the two answers compare, for a model whose films can have several findings; otherwise empty."""
    if entry.activation != "sigmoid":
        return ""
    return (
        f"Same and other answer refer to {finding} only; other findings of these films can differ from the "
        f"model's answers. Films without a label of {finding} are left out."
    )


def _neighbor(bank: NeighborBank, film: int, present: bool, distance: float) -> Neighbor:
    labels = tuple(np.array(bank.findings)[bank.labels[film] == 1].tolist())
    complete = not np.isnan(bank.labels[film]).any()
    known = bank.hashes[film].hex()
    return Neighbor(bank.names[film], labels, complete, present, distance, bank.closer(distance), known)


def neighbor_bank(entry: ModelEntry) -> NeighborBank:
    """Load the bank of a model. Raises ModelUnavailable if it has none, or it is missing or altered."""
    hint = f"Restore it from the repository, or run: python -m xray neighbors-bank {entry.id}."
    if not entry.neighbors:
        raise ModelUnavailable(f"{entry.id} has no bank of training films.", hint=hint)
    return _read(str(settings().weights_dir / entry.neighbors), entry.neighbors_sha256, entry.findings, hint)


@lru_cache(maxsize=4)
def _read(path: str, sha256: str, findings: tuple[str, ...], hint: str) -> NeighborBank:
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise ModelUnavailable("The bank of training films is missing.", hint=hint) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelUnavailable("The bank of training films is not the file of the registry.", hint=hint)
    try:
        return decoded(content, findings)
    except (SafetensorError, KeyError, ValueError) as error:
        raise ModelUnavailable("The bank of training films cannot be read.", hint=hint) from error


def decoded(content: bytes, findings: Sequence[str]) -> NeighborBank:
    """Read a bank that encoded() wrote."""
    tensors = safetensors.numpy.load(content)
    labels = tensors["labels"].astype(np.float32)
    return NeighborBank(
        tensors["features"].astype(np.float32),
        tensors["mean"].astype(np.float32),
        tensors["components"].astype(np.float32),
        tuple(findings),
        np.where(labels == UNKNOWN, np.float32("nan"), labels),
        tuple(tensors["names"].tobytes().decode().split("\n")),
        tuple(known.tobytes() for known in tensors["hashes"]),
        tensors["apart"],
    )


def encoded(bank: NeighborBank) -> bytes:
    """Write a bank as safetensors, features in half precision."""
    tensors = {
        "features": bank.features.astype(np.float16),
        "mean": bank.mean.astype(np.float16),
        "components": bank.components.astype(np.float16),
        "labels": np.where(np.isnan(bank.labels), UNKNOWN, bank.labels).astype(np.uint8),
        "names": np.frombuffer("\n".join(bank.names).encode(), np.uint8),
        "hashes": np.frombuffer(b"".join(bank.hashes), np.uint8).reshape(-1, HASH),
        "apart": bank.apart.astype(np.float32),
    }
    # safetensors writes the memory of an array whatever its order
    return safetensors.numpy.save({name: np.ascontiguousarray(values) for name, values in tensors.items()})
