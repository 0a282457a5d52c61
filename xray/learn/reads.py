"""Films that a reader has read, for statistics: of decks, stored as JSON, and of other readers' CSV files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from xray.errors import UnusableData
from xray.io.tables import column_key, read_table
from xray.learn.deck import Deck, Played
from xray.learn.scores import Score

FilmKey = tuple[str, int, int, str]  # deck, seed, film from 1, finding
NEEDED = ("deck", "seed", "film", "finding", "reader answer", "reader brier", "reader correct")


@dataclass(frozen=True)
class Read:
    """A film that a reader has read.

    Attributes:
        key: Deck, seed, number of the film from 1, and finding.
        present: Whether the film shows the finding.
        lesions: Number of boxes of the reference.
        reader: Score of the reader's answer without the model.
        model: Score of the model; None if the input gate refuses the film.
        film: Hash of the pixels and the finding, by which a film of several decks is counted once.
    """

    key: FilmKey
    present: bool
    lesions: int
    reader: Score
    model: Score | None
    film: str = ""

    def as_json(self) -> bytes:
        """The film as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Read:
        """The film that as_json wrote."""
        given = json.loads(content)
        deck, seed, film, finding = given["key"]
        model = Score(**given["model"]) if given["model"] else None
        key = (str(deck), int(seed), int(film), str(finding))
        return cls(key, given["present"], given["lesions"], Score(**given["reader"]), model, given["film"])

    @property
    def title(self) -> str:
        """The film in words."""
        deck, seed, film, finding = self.key
        return f"{deck}, seed {seed}, film {film}: {finding}"


def read(deck: Deck, number: int, film: Played, pixels_sha256: str) -> Read:
    """The reading of a film of a deck: the first answer if the model was shown before the last one."""
    question = deck.questions[number]
    return Read(
        (deck.kind, deck.seed, number + 1, question.finding),
        film.reference.present,
        len(film.reference.boxes),
        film.first or film.reader,
        film.model,
        hashlib.sha256(f"{pixels_sha256}:{question.finding}".encode()).hexdigest(),
    )


def counted_once(reads: Iterable[Read]) -> list[Read]:
    """The first reading of each film."""
    first: dict[str, Read] = {}
    for film in reads:
        first.setdefault(film.film, film)
    return list(first.values())


@dataclass(frozen=True)
class OtherAnswer:
    """The answer of another reader, whether it is right, and its Brier score."""

    present: bool
    correct: bool
    brier: float


def other_reader(name: str, data: bytes) -> dict[FilmKey, OtherAnswer]:
    """Read the scores of another reader, as deck.scores_csv writes them.

    Answers before the model was shown are used where there are any.

    Raises:
        UnusableData: If the file is no such table.
    """
    table = read_table(name, data)
    if missing := [column for column in NEEDED if column_key(column) not in table.columns]:
        raise UnusableData(
            f"{name} lacks the column {missing[0]}.",
            hint='Choose a file that "Scores (CSV)" of the Practice part wrote.',
        )
    answers: dict[FilmKey, OtherAnswer] = {}
    for number, row in enumerate(table.rows, 2):
        who = "first" if row.get("firstanswer") else "reader"
        try:
            key = (row["deck"], int(row["seed"]), int(row["film"]), row["finding"])
            answers[key] = OtherAnswer(
                present=row[f"{who}answer"] == row["finding"],
                correct=bool(int(row[f"{who}correct"])),
                brier=float(row[f"{who}brier"]),
            )
        except ValueError as error:
            raise UnusableData(
                f"Line {number} of {name} has a value that is not a number.",
                hint='Choose a file that "Scores (CSV)" of the Practice part wrote.',
            ) from error
    return answers


def ratings(reads: Sequence[Read], others: Sequence[Mapping[FilmKey, OtherAnswer]]) -> list[tuple[int, int]]:
    """Numbers of readers who call a finding absent and present, of each film that all readers have read."""
    counted = []
    for film in reads:
        answers = [other[film.key].present for other in others if film.key in other]
        if len(answers) == len(others):
            present = film.reader.present + sum(answers)
            counted.append((1 + len(others) - present, present))
    return counted


@dataclass(frozen=True)
class Hard:
    """A film with the mean Brier score of its readers, how many are right, and whether the model is."""

    title: str
    brier: float
    right: int
    readers: int
    model_right: bool | None


def hardest(
    reads: Iterable[Read], others: Sequence[Mapping[FilmKey, OtherAnswer]], most: int = 5
) -> list[Hard]:
    """The films with the highest mean Brier score, the hardest first."""
    found = []
    for film in reads:
        answers = [other[film.key] for other in others if film.key in other]
        briers = [film.reader.brier, *(answer.brier for answer in answers)]
        right = film.reader.correct + sum(answer.correct for answer in answers)
        model_right = film.model.correct if film.model else None
        found.append(Hard(film.title, sum(briers) / len(briers), right, len(briers), model_right))
    return sorted(found, key=lambda film: -film.brier)[:most]
