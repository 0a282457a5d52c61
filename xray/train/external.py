"""Figures of a model on collections that it was not trained on, added to its card."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from xray.errors import InvalidRequest, XrayError
from xray.models.ensemble import load_model
from xray.settings import settings
from xray.train.data import comparable
from xray.train.evaluate import films_to_measure, measure
from xray.train.film import Film
from xray.train.public_data import folder_name
from xray.train.recipes import recipe
from xray.train.recipes.recipe import Recipe
from xray.train.release import kept_figures, write_figures
from xray.train.sources import EVALUATED, Source

NAME = re.compile(r"[\w ,.()&+/-]{1,60}")


def add_external(model_id: str, name: str, data: Path, split: str | None = None) -> dict[str, Any]:
    """Measure a model on a collection and add the figures to those beside its weights and to its card.

    Figures of an earlier collection of the same name are replaced.

    Args:
        model_id: Id of a model with a recipe.
        name: Name of the collection, for the card.
        data: Folder of labeled films, none of which was used for training.
        split: The split to measure; by default all films.

    Returns:
        The figures (see figures.figures_of).

    Raises:
        InvalidRequest: If the model has no recipe, the name cannot be used, or the model was trained on the
            collection or on films of these names.
        ModelUnavailable: If the model cannot be loaded or has no figures.
        UnusableData: If the films cannot be used.
    """
    kept, model = _kept(model_id, name, data), load_model(model_id)
    entry = model.entry.model_copy(update={"test_share": 0.0, "own_split": False})
    chosen, films = films_to_measure(entry, data, split or "all")
    _require_other_films(model_id, films)
    films = comparable(films, entry.findings, several=entry.activation == "sigmoid")
    figures = measure(model, chosen, films)
    external = kept.get("external", {}) | {name: _row(figures)}
    write_figures(recipe(model_id), model.entry, kept | {"external": external})
    return figures


def _kept(model_id: str, name: str, data: Path) -> dict[str, Any]:
    """Return the figures of a model that can get figures of this collection."""
    chosen, kept = recipe(model_id), kept_figures(model_id)
    if not NAME.fullmatch(name):
        raise InvalidRequest(
            f"{name!r} cannot be the name of a collection.",
            hint="Use up to 60 letters, digits, spaces and . , ( ) & + / - _.",
        )
    sources = _sources(chosen)
    known = {collection for source in sources for collection in (source.folder, source.collection)}
    known |= set(kept["test"].get("sources", {}))
    folders = [(settings().training_data / folder_name(source.folder)).resolve() for source in sources]
    place = data.resolve()
    if name.casefold() in map(str.casefold, known) or any(
        place.is_relative_to(folder) or folder.is_relative_to(place) for folder in folders
    ):
        raise InvalidRequest(
            f"{model_id} was trained on films of this collection.",
            hint="Give another collection, or leave --external out to measure without a change of the card.",
        )
    return kept


def _sources(chosen: Recipe) -> list[Source]:
    """Sources of a recipe and of its members."""
    return [source for each in (chosen, *map(recipe, chosen.members)) for source in each.sources]


def _require_other_films(model_id: str, films: Sequence[Film]) -> None:
    """Refuse films with the names of training films, if the training collections are on this computer."""
    chosen = recipe(model_id)
    trained: set[str] = set()
    for source in _sources(chosen):
        with suppress(XrayError):
            used = source.films(settings().training_data, chosen.test_share)
            trained |= {film.path.stem for film in used if film.split not in EVALUATED}
    copies = [film.path.name for film in films if film.path.stem in trained]
    if copies:
        raise InvalidRequest(
            f"{len(copies):,} of {len(films):,} films have names of training films of {model_id}, such "
            f"as {copies[0]}.",
            hint="Leave these films out, or measure without --external.",
        )


def _row(figures: dict[str, Any]) -> dict[str, Any]:
    facts = ("weights_sha256", "split", "n", "patients", "interval", "metrics")
    findings = {
        finding: {
            "n": part["n"],
            "positives": part["positives"],
            "metrics": {"auroc": part["metrics"]["auroc"]},
        }
        for finding, part in figures["findings"].items()
    }
    return {fact: figures[fact] for fact in facts} | {"findings": findings}
