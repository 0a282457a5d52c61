"""Checks on films whose evidence is known: values for limits (validation) and their benchmark (test)."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from xray.errors import UnusableData
from xray.evidence.inserted_lesion import insert_lesion
from xray.evidence.limits import DIFFERENCE
from xray.evidence.measurement import Randomized, measured
from xray.evidence.weight_randomization import Model
from xray.explain import METHODS, Method
from xray.io.label_lists import NORMAL
from xray.train.film import Film

DEFAULT_FILMS = 40


def normal_films(films: Sequence[Film]) -> list[Film]:
    """Normal films in a fixed random order, in turn from every collection, one per patient.

    Raises:
        UnusableData: If no film is labeled normal.
    """
    collections: dict[str, dict[str, Film]] = defaultdict(dict)
    for film in sorted(films, key=lambda film: zlib.crc32(film.path.name.encode())):
        if film.labels and film.labels <= NORMAL:
            collections[film.source].setdefault(film.patient, film)
    if not collections:
        raise UnusableData("No film is labeled normal.", hint="Give films with Normal or No Finding.")
    turns = zip_longest(*(some.values() for some in collections.values()))
    return [film for film in chain.from_iterable(turns) if film]


def measured_rows(
    model: Model,
    films: Sequence[Film],
    methods: Sequence[Method] = (),
    most: int = DEFAULT_FILMS,
    start: int = 0,
    kept: Path | None = None,
) -> list[dict[str, Any]]:
    """Insert a lesion into normal films, and measure true and meaningless maps (see evidence.measurement).

    Args:
        model: The model.
        films: Labeled films.
        methods: Methods that fit the model, Grad-CAM first; by default all of one pass.
        most: Number of films on which the model responds to a lesion.
        start: Number of normal films to leave out, in the order of normal_films.
        kept: File of rows (JSON lines). Rows of these films, weights and methods are not measured again, new
            ones are added; rows of an earlier version are. The first film after an interruption has no map of
            another film.

    Raises:
        UnusableData: If no film is labeled normal, or the model responds to no lesion.
    """
    methods = methods or [
        method for method in METHODS.values() if method.explains_all and not method.refusal(model)
    ]
    made_by = {"weights_sha256": model.entry.sha256, "explained_by": [method.name for method in methods]}
    normal = normal_films(films)[start:]
    names = {film.path.name for film in normal}
    rows = [row for row in _read(kept, made_by) if row["film"] in names]
    known, random, other = {row["film"] for row in rows}, Randomized.of(model), None
    done = sum("maps" in row for row in rows)
    progress = tqdm(total=most, initial=done, desc=f"checks of {model.entry.id}", unit="film")
    for film in normal:
        if done >= most:
            break
        if film.path.name in known:
            continue
        inserted = insert_lesion(
            model, film.read(), np.random.default_rng(zlib.crc32(film.path.name.encode()))
        )
        row: dict[str, Any] = made_by | {"film": film.path.name}
        if inserted:
            values, other = measured(model, random, inserted, methods, other, filled=len(rows) % 2 == 0)
            row |= {"source": film.source} | values
            progress.update()
            done += 1
        rows.append(row)
        if kept:
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    progress.close()
    found = [row for row in rows if "maps" in row]
    if not found:
        raise UnusableData(f"{model.entry.id} does not respond to inserted lesions.")
    return found


def _read(path: Path | None, made_by: dict[str, Any]) -> list[dict[str, Any]]:
    if path is None or not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        row
        for row in rows
        if made_by.items() <= row.items()
        and all(DIFFERENCE in measured for measured in row.get("maps", {}).values())
    ]
