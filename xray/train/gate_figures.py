"""Refusal rates of the input gate for accepted and refused kinds of images, with confidence intervals.

The films are the gate's test films, modified test films, films of collections and images of kinds that were
not used in training, and images made by code. Collections of the feature bank are also left out, one at a
time; its limits do not depend on any image that is no radiograph.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import cv2
import numpy as np
from tqdm import tqdm

from xray.errors import UnusableData
from xray.imaging.phantom import simulated_samples
from xray.io import read_radiograph
from xray.io.folders import files_below, is_film_file
from xray.io.label_lists import plain
from xray.models.gate import GATE, check_input
from xray.models.gate.familiarity import FeatureBank
from xray.models.organ import BONES
from xray.models.registry import ModelEntry, entries, entry
from xray.settings import settings
from xray.train.dataset import own_films
from xray.train.film import Film
from xray.train.gate_bank import Group, bank_of, groups
from xray.train.metrics import wilson
from xray.train.recipes import recipe
from xray.train.release import kept_figures, write_figures
from xray.train.renderings import RENDERINGS, renderings
from xray.train.sources import spread
from xray.train.unfamiliar import noise, photographs, plots, scans
from xray.types import Radiograph

MOST = 80  # films per kind
UNSEEN = {"chest_masks/images": "Montgomery", "chest128/images": "another archive of NIH, 128 px"}

Novelty = Literal["", "unseen collection", "collection left out of the bank", "unfamiliar kind"]


@dataclass(frozen=True)
class Kind:
    """Images of one kind.

    Attributes:
        reason: Description.
        should_be: Expected result.
        films: The images.
        novelty: Whether the kind is counted among those that were not used in training.
        bank: Feature bank to use instead of that of the gate.
    """

    reason: str
    should_be: str
    films: Iterable[Radiograph]
    novelty: Novelty = ""
    bank: FeatureBank | None = None


def gate_figures(chest: ModelEntry) -> dict[str, Any]:
    """Measure the refusal rates of the input gate.

    Args:
        chest: Entry of a model of chest films.

    Returns:
        `gate` (SHA-256 of the gate's weights; empty if it is not registered and only pixel rules apply),
        `model`, `reasons`, a row of row() for each kind of images, and `totals`.

    Raises:
        UnusableData: If the films are missing.
    """
    films = [replace(film, turns=0, inverted=False) for film in own_films(GATE, "test")[1]]
    limbs = chest.model_copy(update={"regions": BONES})
    kinds = [(chest, kind) for kind in for_a_chest_model(films)]
    kinds += [(limbs, kind) for kind in for_a_limb_model(films)]
    kinds += [(chest, kind) for kind in left_out(films, groups())]
    rows = [row(*one) for one in tqdm(kinds, unit="kind")]
    return {
        "gate": next((one.sha256 for one in entries() if one.id == GATE), ""),
        "model": chest.id,
        "reasons": rows,
        "totals": totals(rows),
    }


def keep_figures(figures: dict[str, Any]) -> None:
    """Store the figures with those of the gate's network, and write its card. Raises ModelUnavailable."""
    write_figures(recipe(GATE), entry(GATE), kept_figures(GATE) | {"gate": figures})


def row(model: ModelEntry, kind: Kind) -> dict[str, Any]:
    """Measure the refusal rate for one kind of images, with Wilson's 95% interval.

    Raises:
        UnusableData: If there are no films.
    """
    kinds = Counter(check_input(film, model, kind.bank).kind for film in kind.films)
    if not kinds:
        raise UnusableData(
            f"There are no films of {kind.reason}.",
            hint="Set XRAY_TRAINING_DATA to the folder with data/.",
        )
    return {
        "reason": kind.reason,
        "model_regions": list(model.regions),
        "should_be": kind.should_be,
        "novelty": kind.novelty,
        "kinds": dict(kinds),
        **rate(kinds.total() - kinds["accepted"], kinds.total()),
    }


def totals(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The refusal rates of all rows together that have the same novelty and model."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["novelty"]:
            groups[row["novelty"], *row["model_regions"]].append(row)
    return [
        {
            "reason": f"every {novelty}",
            "model_regions": list(regions),
            "should_be": "refused" if novelty == "unfamiliar kind" else "accepted",
            **rate(sum(row["refused"] for row in group), sum(row["n"] for row in group)),
        }
        for (novelty, *regions), group in groups.items()
    ]


def rate(refused: int, n: int) -> dict[str, Any]:
    """Share of refused images, with Wilson's 95% interval."""
    low, high = wilson(refused, n)
    return {"n": n, "refused": refused, "share": refused / n, "low": low, "high": high}


def for_a_chest_model(films: list[Film]) -> Iterator[Kind]:
    """Yield all kinds of images for a model of chest films."""
    for folder in ("chest", "pneumonia", "region"):
        yield Kind(f"chest film, {folder}", "accepted", read(showing(films, "chest", folder)))
    for region in (*BONES, "head CT slice"):
        yield Kind(region, "another region", read(showing(films, region)))
    yield Kind("CT, MR, photograph or screen", "not an X-ray", read(showing(films, "not an X-ray")))
    yield Kind("chest film found on its side", "sideways", files("chest_sideways"))
    good = spread(showing(films, "chest", "chest") + showing(films, "chest", "pneumonia"), MOST)
    for turns, should_be in ((1, "sideways"), (2, "upside down"), (3, "sideways")):
        turned = [replace(film, turns=turns) for film in good]
        yield Kind(f"chest film turned by {90 * turns} degrees", should_be, read(turned))
    inverted = [replace(film, inverted=True) for film in good]
    yield Kind("chest film inverted", "inverted", read(inverted))
    small = (replace(film, pixels=np.clip(cv2.resize(film.pixels, (32, 32)), 0, 1)) for film in read(good))
    yield Kind("chest film shrunk to 32 px", "too small", small)
    faint = (replace(film, pixels=0.49 + 0.02 * film.pixels) for film in read(good))
    yield Kind("chest film squeezed to 2% contrast", "low contrast", faint)
    for folder, name in UNSEEN.items():
        yield Kind(f"chest film, {name}", "accepted", files(folder), "unseen collection")
    yield from unfamiliar_kinds()


def for_a_limb_model(films: list[Film]) -> Iterator[Kind]:
    """Yield the films for a model of limbs, hips and shoulders."""
    for folder in ("chest", "pneumonia"):
        yield Kind(f"chest film, {folder}", "another region", read(showing(films, "chest", folder)))
    for region in BONES:
        yield Kind(region, "accepted", read(showing(films, region)))
    simulated = [sample.build().radiograph for sample in simulated_samples() if sample.kind == "chest"]
    yield Kind("simulated chest", "another region", simulated)
    yield from unfamiliar_kinds()


def unfamiliar_kinds() -> Iterator[Kind]:
    """Yield images of sources that neither the gate's network nor its bank was made with, and photographs."""
    strangers = settings().training_data / "data" / "strangers"
    for folder in sorted(path.name for path in strangers.glob("*") if path.is_dir()):
        name = folder.replace("_", " ")
        yield Kind(name, "not an X-ray", files(f"strangers/{folder}"), "unfamiliar kind")
    made: dict[str, Iterable[Radiograph]] = {kind: renderings(kind, 30) for kind in RENDERINGS}
    made |= {"plot": plots(), "noise or plain color": noise()}
    made |= {"CT, MR or color picture among DICOM test files": scans()}
    for name, images in made.items():
        yield Kind(name, "not an X-ray", images, "unfamiliar kind")
    yield Kind("photograph or page of scikit-image", "not an X-ray", photographs())


def left_out(films: list[Film], known: list[Group]) -> Iterator[Kind]:
    """Yield the chest films of each collection with a bank and limits without this collection."""
    for group in known:
        if group.region == "chest":
            folder = group.collection if group.collection in ("chest", "pneumonia") else "region"
            yield Kind(
                f"chest film, {group.collection}, left out of the bank",
                "accepted",
                read(showing(films, "chest", folder)),
                "collection left out of the bank",
                bank_of(known, without=group.collection),
            )


def files(folder: str) -> Iterator[Radiograph]:
    """Yield at most MOST images of a folder of the data, evenly spaced by name."""
    root = settings().training_data / "data" / folder
    paths = [root / name for name in files_below(root) if is_film_file(root / name)] if root.is_dir() else []
    return (read_radiograph(path.read_bytes(), path.name) for path in paths[:: -(-len(paths) // MOST) or 1])


def showing(films: list[Film], finding: str, folder: str = "") -> list[Film]:
    """Return at most MOST films of one finding, evenly spaced, of one folder of the data or of all."""
    root = settings().training_data / "data" / folder
    return spread(
        [film for film in films if plain(finding) in film.labels and film.path.is_relative_to(root)], MOST
    )


def read(films: Iterable[Film]) -> Iterator[Radiograph]:
    """Yield the radiographs of films."""
    return (film.read() for film in films)
