"""The films of a recipe by purpose: training, validation, test."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from xray.errors import UnusableData
from xray.settings import settings
from xray.train.data import read_dataset, readable, split_by_patient
from xray.train.film import Film
from xray.train.pose import posed_film
from xray.train.recipes import recipe
from xray.train.recipes.recipe import Recipe
from xray.train.sources import EVALUATED, OTHER_SOURCE, READINGS, Source


@dataclass(frozen=True)
class Dataset:
    """The films of a recipe.

    Attributes:
        learning: Training films.
        helping: Additional training films for the stages with helpers.
        held_out: Validation films.
        test: Test films.
        other_source: Test films of collections that are not used in training.
        readings: Test films with radiologists' readings as labels.
    """

    learning: list[Film]
    helping: list[Film]
    held_out: list[Film]
    test: list[Film]
    other_source: list[Film]
    readings: list[Film]

    def readable(self) -> Dataset:
        """Return the data set without the films that cannot be read."""
        return Dataset(*(readable(getattr(self, part.name)) for part in fields(self)))


def dataset(chosen: Recipe, data: Path | None = None, extra: Path | None = None) -> Dataset:
    """Collect and split the films of a recipe.

    Args:
        chosen: The recipe.
        data: Folder to use instead of the recipe's sources.
        extra: Folder of additional training films.

    Returns:
        The films. Films of the split `test` are test films; a share of the other patients is used for
        validation, of an ensemble those that no member was trained on.

    Raises:
        UnusableData: If films are missing or there are too few patients.
    """

    def films_of(sources: list[Source]) -> list[Film]:
        root = settings().training_data
        return [film for source in sources for film in source.films(root, chosen.test_share)]

    helping: list[Film] = []
    if data is None:
        films = films_of([source for source in chosen.sources if not source.helper])
        helping = films_of([source for source in chosen.sources if source.helper])
    else:
        first = chosen.sources[0]
        films = first.used(read_dataset(data, chosen.test_share, first.own_split))
    test = [film for film in films if film.split == "test"]
    other = [film for film in films if film.split == OTHER_SOURCE]
    read = [film for film in films if film.split == READINGS]
    rest = [film for film in films if film.split not in EVALUATED]
    if not test:
        raise UnusableData("There are no test films.", hint="Give them the split `test`, or a folder test/.")
    learning, held_out = split_by_patient(rest, chosen.validation_share, chosen.seed)
    if chosen.members:
        parts = [dataset(recipe(member), data) for member in chosen.members]
        trained = {film.path for part in parts for film in part.learning}
        held_out = [film for film in held_out if film.path not in trained]
    if extra:
        learning = learning + chosen.sources[0].used(read_dataset(extra))
    if not learning or not held_out:
        raise UnusableData("There are too few patients to split.", hint="Add films or the column patient_id.")
    if chosen.posed:
        held_out, test, other = (
            [posed_film(film, number) for number, film in enumerate(part)] for part in (held_out, test, other)
        )
    return Dataset(learning, helping, held_out, test, other, read)


def own_films(model_id: str, split: str) -> tuple[str, list[Film]]:
    """Return a split of the data of a model's recipe: its name and its readable films.

    Raises:
        InvalidRequest: If the model has no recipe.
        UnusableData: If the recipe has no such split.
    """
    films = dataset(recipe(model_id))
    known = {
        "validation": films.held_out,
        "test": films.test,
        OTHER_SOURCE: films.other_source,
        READINGS: films.readings,
    }
    if not known.get(split):
        raise UnusableData(
            f"The recipe {model_id} has no split {split!r}.",
            hint=f"It has: {', '.join(name for name, some in known.items() if some)}.",
        )
    return split, readable(known[split])
