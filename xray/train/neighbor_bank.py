"""The bank of a model's training films (see models.neighbors), and how often its labels agree with films."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from tqdm import tqdm

from xray.models.embedding import embedding
from xray.models.ensemble import load_model
from xray.models.neighbors import HASH, NeighborBank, encoded, neighbor_bank, unit
from xray.models.registry import registry_file, write_entry
from xray.settings import settings
from xray.train.bootstrap import estimates, resampled
from xray.train.data import readable, targets_of
from xray.train.dataset import dataset
from xray.train.evaluate import films_to_measure
from xray.train.film import Film
from xray.train.metrics import mean_of
from xray.train.recipes import recipe

DIRECTIONS = 64  # of the reduced embeddings
MAJORITY = 5  # films that vote
STEPS = 101  # quantiles of the distances between training films


def bank_of(
    vectors: NDArray[np.float32],
    patients: list[str],
    findings: tuple[str, ...],
    labels: NDArray[np.float32],
    names: list[str],
    hashes: list[bytes],
) -> NeighborBank:
    """Reduce the embeddings of films to a bank.

    Args:
        vectors: Embeddings (N, C).
        patients: Patient (N) of each film.
        findings: Findings (K) of the model.
        labels: 1 for present, 0 for absent, NaN for unknown (N, K).
        names: Names (N).
        hashes: First HASH bytes (N) of the sha256 of the pixels.
    """
    scaled = unit(vectors)
    fitted = PCA(min(DIRECTIONS, *scaled.shape), svd_solver="full").fit(scaled)
    features = fitted.transform(scaled).astype(np.float16).astype(np.float32)  # as they are stored
    apart = nearest_of_another_patient(features, patients)
    return NeighborBank(
        features,
        fitted.mean_.astype(np.float32),
        fitted.components_.astype(np.float32),
        findings,
        labels,
        tuple(names),
        tuple(hashes),
        np.quantile(apart, np.linspace(0, 1, STEPS)).astype(np.float32),
    )


def nearest_of_another_patient(features: NDArray[np.float32], patients: list[str]) -> NDArray[np.float32]:
    """Distance (N) of each film to the nearest film of another patient."""
    whose = np.array(patients)
    nearest = [
        np.linalg.norm(features[whose != patient] - own, axis=1).min()
        for own, patient in zip(features, patients, strict=True)
    ]
    return np.array(nearest, np.float32)


def write_neighbor_bank(model_id: str) -> NeighborBank:
    """Build the bank of a model from the training films of its recipe, and register it.

    Raises:
        InvalidRequest: If the model has no recipe.
        UnusableData: If films are missing.
        ModelUnavailable: If the model cannot be loaded.
    """
    model = load_model(model_id)
    films = readable(dataset(recipe(model_id)).learning)
    vectors, hashes = [], []
    for film in tqdm(films, desc=f"embedding with {model_id}", unit="film"):
        radiograph = film.read()
        vectors.append(embedding(model, radiograph))
        hashes.append(bytes.fromhex(radiograph.sha256)[:HASH])
    entry = model.entry
    bank = bank_of(
        np.stack(vectors),
        [film.patient for film in films],
        entry.findings,
        targets_of(films, entry.findings, several=entry.activation == "sigmoid"),
        [film.path.relative_to(settings().training_data).as_posix() for film in films],
        hashes,
    )
    content, name = encoded(bank), f"{model_id}-neighbors.safetensors"
    (settings().weights_dir / name).write_bytes(content)
    registered = {"neighbors": name, "neighbors_sha256": hashlib.sha256(content).hexdigest()}
    write_entry(entry.model_copy(update=registered), registry_file())
    return bank


def neighbor_figures(model_id: str, split: str | None = None) -> dict[str, Any]:
    """Measure how often the majority of the MAJORITY nearest training films agrees with a film's label.

    Args:
        model_id: A model with a bank.
        split: The split; by default test.

    Returns:
        The split, and for every finding the share of agreement of the neighbors and of the model's own
        answer, each with n and a 95% interval (bootstrap over patients).

    Raises:
        ModelUnavailable: The model or its bank is not available.
        UnusableData: If films are missing.
    """
    model = load_model(model_id)
    entry, bank = model.entry, neighbor_bank(model.entry)
    split, films = films_to_measure(entry, None, split)
    targets = targets_of(films, entry.findings, several=entry.activation == "sigmoid")
    votes, answers = [], []
    for film in tqdm(films, desc=f"comparing with the bank of {model_id}", unit="film"):
        radiograph = film.read()
        distances = bank.distances(bank.place(embedding(model, radiograph)[None])[0])
        votes.append(majorities(bank.labels, distances))
        prediction = model.interpret(radiograph, model.logits(radiograph), intervals=False)
        answers.append([prediction.at_operating_point(finding) for finding in entry.findings])
    return {
        "model": model_id,
        "split": split,
        "training_films": len(bank.names),
        "neighbors": MAJORITY,
        "interval": "95%, bootstrap over patients",
        "findings": {
            finding: {
                name: _agreement(np.array(given)[:, at], targets[:, at], films)
                for name, given in (("neighbors", votes), ("model", answers))
            }
            for at, finding in enumerate(entry.findings)
        },
    }


def majorities(labels: NDArray[np.float32], distances: NDArray[np.float32]) -> list[bool]:
    """Whether most of the MAJORITY nearest films with a known label have each finding (K)."""
    order = np.argsort(distances, kind="stable")
    voting = [column[order][~np.isnan(column[order])][:MAJORITY] for column in labels.T]
    return [bool(votes.mean() > 0.5) for votes in voting]


def _agreement(
    given: NDArray[np.bool_], target: NDArray[np.float32], films: list[Film]
) -> dict[str, float | int]:
    known = ~np.isnan(target)
    agrees = (given[known] == (target[known] == 1)).astype(np.float64)
    patients = [film.patient for film, used in zip(films, known, strict=True) if used]
    found = estimates({"agreement": mean_of(agrees)}, resampled(patients))["agreement"]
    return {**found, "n": len(agrees)}
