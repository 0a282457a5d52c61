"""Decks of normal films with inserted lesions: the truth is known by construction, also for the map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from xray.access import Visitor
from xray.errors import UnreadableImage, UnusableData
from xray.imaging.phantom import chest_phantom
from xray.imaging.transforms import downsampled
from xray.io.label_lists import NORMAL
from xray.learn.cards import finding_of, with_lesion, without_lesion
from xray.learn.deck import FILMS, Deck, Question, shuffled
from xray.learn.folder import films_of
from xray.learn.scores import Reference
from xray.models.gate import check_input
from xray.models.lungs import find_lungs
from xray.models.registry import ModelEntry
from xray.train.film import Film
from xray.types import Radiograph
from xray.whatif.lesion_lab import Insertion
from xray.whatif.lesion_place import Mask, allowed, centers

PHANTOMS = (400, 60)  # first seed and number of the simulated chests
SIDE = 1024  # longer side in pixels to which films are reduced
Read = Callable[[], Radiograph]


@dataclass(frozen=True)
class Design:
    """The lesions of a deck.

    Attributes:
        kind: Name in imaging.lesions.LESIONS.
        size: Radius as a share of the film's width.
    """

    kind: str
    size: float


@dataclass(frozen=True, eq=False)
class NormalFilms:
    """Films without a finding.

    Attributes:
        read: Functions that read them; they raise UnreadableImage or UnusableData.
        about: Where they come from, a sentence.
    """

    read: Sequence[Read]
    about: str


def simulated_films(seed: int) -> NormalFilms:
    """Simulated chests without an opacity, in seeded order."""
    first, count = PHANTOMS
    order = np.random.default_rng([seed, 7]).permutation(count)
    return NormalFilms(
        [partial(_phantom, first + int(number)) for number in order], "The films are simulated chests."
    )


def folder_films(folder: Path, entry: ModelEntry, seed: int, visitor: Visitor) -> NormalFilms:
    """The films of a folder that are labeled normal, one per patient, in seeded order; held-out ones first.

    Args:
        folder: Folder of labeled films.
        entry: The model that reads them later; its split tells which films are held out.
        seed: Seed of the order.
        visitor: Who opens the folder.

    Raises:
        AccessDenied: If the visitor may not open folders of the server.
        UnusableData: If no film is labeled normal, or the labels are invalid.
    """
    films = [film for film in films_of(folder, entry, visitor) if film.labels and film.labels <= NORMAL]
    if not films:
        raise UnusableData(
            f"No film of {folder.name} is labeled normal.",
            hint="labels.csv names such films No Finding or Normal. Choose another folder.",
        )
    order = np.random.default_rng([seed, 7]).permutation(len(films))
    by_patient: dict[str, Film] = {}
    for film in sorted((films[index] for index in order), key=lambda film: film.split != "test"):
        by_patient.setdefault(film.patient, film)
    chosen = list(by_patient.values())
    return NormalFilms(
        [partial(_reduced, film) for film in chosen],
        f"The films are {len(chosen)} of {folder.name} that are labeled normal.",
    )


def inserted_deck(
    films: NormalFilms, design: Design, contrast: float, entry: ModelEntry, finding: str, seed: int
) -> Deck:
    """A deck of which half the films have a lesion at a random place in the lungs.

    Args:
        films: Normal films; if there are fewer than a deck has, some are shown several times.
        design: Kind and size of the lesions.
        contrast: Their highest optical density.
        entry: The model that answers after the reader.
        finding: The finding of the model that stands for the lesion.
        seed: Determines films, places and order.
    """
    questions = []
    for number in range(FILMS):
        read = films.read[number % len(films.read)]
        load = partial(_load, read, design, contrast, (seed, number)) if number % 2 else partial(_plain, read)
        questions.append(Question(finding_of(design.kind), entry.id, finding, load))
    rng = np.random.default_rng([seed, 8])
    about = (
        f"{films.about} A lesion ({design.kind}, optical density {contrast:g}) was inserted into half of "
        "those shown, at a place that the seed determines."
    )
    return Deck("inserted", seed, shuffled(questions, rng), about)


@dataclass(frozen=True, eq=False)
class Base:
    """A normal film and the mask (H, W) of its lungs."""

    film: Radiograph
    lungs: Mask

    def lesion(self, design: Design, contrast: float, seeds: tuple[int, ...]) -> Insertion:
        """A lesion at a seeded place in the lungs."""
        rng = np.random.default_rng(seeds)
        ((x, y),) = centers(self.lungs, 1, int(rng.integers(2**31)))
        return Insertion(design.kind, x, y, design.size, contrast, int(rng.integers(10_000)))


def usable(films: NormalFilms, entry: ModelEntry, count: int) -> list[Base]:
    """The first films that the model's gate accepts and whose lungs are found.

    Raises:
        UnusableData: If there is none.
    """
    found: list[Base] = []
    for read in films.read:
        if len(found) == count:
            break
        try:
            film = read()
        except (UnreadableImage, UnusableData):
            continue
        lungs = find_lungs(film)
        if lungs.determined and check_input(film, entry).accepted:
            found.append(Base(film, allowed(film, lungs)))
    if not found:
        raise UnusableData(
            f"None of the normal films can be used with {entry.id}.",
            hint="They are unreadable, refused by the input gate, or show no lungs. Choose other films.",
        )
    return found


def _load(
    read: Read, design: Design, contrast: float, seeds: tuple[int, ...]
) -> tuple[Radiograph, Reference]:
    film = read()
    base = Base(film, allowed(film, find_lungs(film)))
    return with_lesion(film, base.lesion(design, contrast, seeds))


def _plain(read: Read) -> tuple[Radiograph, Reference]:
    return without_lesion(read())


@lru_cache(maxsize=16)
def _phantom(seed: int) -> Radiograph:
    return chest_phantom(seed).radiograph


def _reduced(film: Film) -> Radiograph:
    return downsampled(film.read(), SIDE)
