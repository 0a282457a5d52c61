"""The feature bank of the input gate: features of training films, and distances of held-out good films."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from tqdm import tqdm

from xray.errors import UnusableData
from xray.io.label_lists import plain
from xray.models.classifier import Classifier, load_classifier
from xray.models.gate import GATE, NOT_XRAY, POSES
from xray.models.gate.familiarity import NEIGHBOR, FeatureBank, distance, encoded
from xray.models.registry import ModelEntry, registry_file, write_entry
from xray.settings import settings
from xray.train.dataset import dataset
from xray.train.film import Film
from xray.train.recipes import recipe
from xray.train.sources import spread

IN_BANK = 70  # films per group
HELD_OUT = 80
QUANTILE = 0.99  # of the distances of held-out films, for the limits
QUANTILES = {"chest": 0.9975}  # of regions with several collections, which other images do not come close to
STEPS = 101  # quantiles of held-out distances that are kept


@dataclass(frozen=True, eq=False)
class Group:
    """Good films of one region and one collection.

    Attributes:
        region: The region.
        collection: The collection.
        films: Features (n, C) of training films.
        held_out: Features (m, C) of validation films.
    """

    region: str
    collection: str
    films: Tensor
    held_out: Tensor


def groups() -> list[Group]:
    """Compute the features of upright training and validation films by region and collection.

    Raises:
        UnusableData: If films are missing.
        ModelUnavailable: If the gate's network cannot be loaded.
    """
    gate, parts = load_classifier(GATE), dataset(recipe(GATE))
    learning, held_out = by_group(parts.learning), by_group(parts.held_out)
    regions = {plain(name): name for name in gate.entry.findings}
    return [
        Group(
            regions[region],
            collection,
            features_of(gate, spread(films, IN_BANK)),
            features_of(gate, spread(held_out[region, collection], HELD_OUT)),
        )
        for (region, collection), films in sorted(learning.items())
    ]


def by_group(films: Sequence[Film]) -> dict[tuple[str, str], list[Film]]:
    """Group the radiographs and head CT slices by region and collection; films become upright."""
    groups: dict[tuple[str, str], list[Film]] = defaultdict(list)
    for film in films:
        (region,) = film.labels - {plain(pose) for pose in POSES}
        if region != plain(NOT_XRAY):
            folder = film.path.relative_to(settings().training_data / "data").parts[0]
            collection = film.source if folder == "region" else folder
            groups[region, collection].append(replace(film, turns=0, inverted=False))
    return groups


def features_of(gate: Classifier, films: Sequence[Film]) -> Tensor:
    """Features (n, C) of films."""
    return torch.cat([gate.logits_and_features(film.read())[1] for film in tqdm(films, unit="film")])


def bank_of(groups: Sequence[Group], without: str = "") -> FeatureBank:
    """Assemble a bank.

    The limits are quantiles of the distances of all held-out films, each measured to films of its region in
    other collections, as far as there are others.

    Args:
        groups: The groups.
        without: A collection to leave out.

    Raises:
        UnusableData: If a region has fewer films than neighbors are needed.
    """
    used = [group for group in groups if group.collection != without]
    regions = tuple(dict.fromkeys(group.region for group in used))
    if not used or min(len(group.films) for group in used) < NEIGHBOR:
        raise UnusableData(
            f"The feature bank needs {NEIGHBOR} films of every region and collection.", hint="Add films."
        )
    apart = torch.cat([distance(group.held_out, _unlike(group, used)) for group in used])
    held_out = [
        torch.cat(
            [distance(group.held_out, _films(region, used)) for group in used if group.region == region]
        )
        for region in regions
    ]
    return FeatureBank(
        torch.nn.functional.normalize(torch.cat([group.films for group in used]), dim=1),
        torch.tensor([regions.index(group.region) for group in used for _ in group.films]),
        regions,
        torch.stack([distances.quantile(torch.linspace(0, 1, STEPS)) for distances in held_out]),
        torch.stack([apart.quantile(QUANTILES.get(region, QUANTILE)) for region in regions]),
    )


def _films(region: str, groups: Sequence[Group]) -> Tensor:
    return torch.cat([group.films for group in groups if group.region == region])


def _unlike(group: Group, groups: Sequence[Group]) -> Tensor:
    """Films of a group's region in other collections, or in all if there is no other."""
    others = [other for other in groups if other.collection != group.collection]
    if any(other.region == group.region for other in others):
        return _films(group.region, others)
    return _films(group.region, groups)


def write_bank() -> FeatureBank:
    """Build the bank of all groups, write it beside the weights and register it."""
    bank = bank_of(groups())
    content = encoded(bank)
    entry: ModelEntry = load_classifier(GATE).entry
    name = f"{GATE}-bank.safetensors"
    (settings().weights_dir / name).write_bytes(content)
    registered = {"bank": name, "bank_sha256": hashlib.sha256(content).hexdigest()}
    write_entry(entry.model_copy(update=registered), registry_file())
    return bank
