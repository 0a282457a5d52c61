"""Refusal rates of the input gate for accepted and refused kinds of images, with confidence intervals.

The films are the gate's test films, modified test films, films published sideways, and images made by code.
None of them was used in training.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from scipy.stats import binomtest
from tqdm import tqdm

from xray.errors import UnusableData
from xray.io import read_radiograph
from xray.io.label_lists import plain
from xray.models.gate import GATE, check_input
from xray.models.organ import BONES
from xray.models.registry import ModelEntry, entries
from xray.settings import settings
from xray.train.dataset import own_films
from xray.train.film import Film
from xray.train.renderings import RENDERINGS, renderings
from xray.train.sources import spread
from xray.types import Radiograph

MOST = 150  # films per reason
Group = tuple[str, str, Iterable[Radiograph]]  # description, expected result, films


def gate_figures(chest: ModelEntry) -> dict[str, Any]:
    """Measure the refusal rates of the input gate.

    Args:
        chest: Entry of a model of chest films.

    Returns:
        `gate` (SHA-256 of the gate's weights; empty if it is not registered and only pixel rules apply),
        `model` and `reasons`, a row of row() for each kind of images.

    Raises:
        UnusableData: If the films are missing.
    """
    films = [replace(film, turns=0, inverted=False) for film in own_films(GATE, "test")[1]]
    limbs = chest.model_copy(update={"regions": BONES})
    groups = [(chest, *group) for group in for_a_chest_model(films)]
    groups += [(limbs, *group) for group in for_a_limb_model(films)]
    return {
        "gate": next((one.sha256 for one in entries() if one.id == GATE), ""),
        "model": chest.id,
        "reasons": [row(*one) for one in tqdm(groups, unit="reason")],
    }


def row(model: ModelEntry, reason: str, should_be: str, films: Iterable[Radiograph]) -> dict[str, Any]:
    """Measure the refusal rate for one kind of images, with Wilson's 95% interval.

    Raises:
        UnusableData: If there are no films.
    """
    kinds = Counter(check_input(film, model).kind for film in films)
    n = kinds.total()
    if not n:
        raise UnusableData(
            f"There are no films of {reason}.", hint="Set XRAY_TRAINING_DATA to the folder with data/."
        )
    refused = n - kinds["accepted"]
    interval = binomtest(refused, n).proportion_ci(method="wilson")
    return {
        "reason": reason,
        "model_regions": list(model.regions),
        "should_be": should_be,
        "n": n,
        "refused": refused,
        "share": refused / n,
        "low": float(interval.low),
        "high": float(interval.high),
        "kinds": dict(kinds),
    }


def for_a_chest_model(films: list[Film]) -> Iterator[Group]:
    """Yield all kinds of images for a model of chest films."""
    for folder in ("chest", "pneumonia", "region"):
        yield f"chest film, {folder}", "accepted", read(showing(films, "chest", folder))
    for region in (*BONES, "head CT slice"):
        yield region, "another region", read(showing(films, region))
    yield "CT, MR, photograph or screen", "not an X-ray", read(showing(films, "not an X-ray"))
    sideways = sorted((settings().training_data / "data" / "chest_sideways").glob("*.jpg"))
    yield (
        "chest film found on its side",
        "sideways",
        (read_radiograph(path.read_bytes(), path.name) for path in sideways),
    )
    good = spread(showing(films, "chest", "chest") + showing(films, "chest", "pneumonia"), MOST)
    for turns, should_be in ((1, "sideways"), (2, "upside down"), (3, "sideways")):
        turned = [replace(film, turns=turns) for film in good]
        yield f"chest film turned by {90 * turns} degrees", should_be, read(turned)
    yield "chest film inverted", "inverted", read(replace(film, inverted=True) for film in good)
    small = (replace(film, pixels=np.clip(cv2.resize(film.pixels, (32, 32)), 0, 1)) for film in read(good))
    yield "chest film shrunk to 32 px", "too small", small
    faint = (replace(film, pixels=0.49 + 0.02 * film.pixels) for film in read(good))
    yield "chest film squeezed to 2% contrast", "low contrast", faint
    for kind in RENDERINGS:
        yield f"{kind} made by code", "not an X-ray", renderings(kind, 30)


def for_a_limb_model(films: list[Film]) -> Iterator[Group]:
    """Yield the films for a model of limbs, hips and shoulders."""
    for folder in ("chest", "pneumonia"):
        yield (
            f"chest film, {folder}, for a limb model",
            "another region",
            read(showing(films, "chest", folder)),
        )
    for region in BONES:
        yield f"{region}, for a limb model", "accepted", read(showing(films, region))


def showing(films: list[Film], finding: str, folder: str = "") -> list[Film]:
    """Return at most MOST films of one finding, evenly spaced, of one folder of the data or of all."""
    root = settings().training_data / "data" / folder
    return spread(
        [film for film in films if plain(finding) in film.labels and film.path.is_relative_to(root)], MOST
    )


def read(films: Iterable[Film]) -> Iterator[Radiograph]:
    """Yield the radiographs of films."""
    return (film.read() for film in films)
