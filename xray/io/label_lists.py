"""Lists of films with their labels: what the columns and values of a table mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

from xray.errors import UnusableData
from xray.io.matching import slashed
from xray.io.tables import Row, Table, is_table, read_table
from xray.wording import counted

# Keys of columns; the first that a table has is used.
FILM = (
    *("path", "filepath", "imagepath", "file", "filename", "image", "imagename", "imageindex", "imageid"),
    *("img", "imgname", "imagefile", "dicom", "dicomid", "sopinstanceuid", "filestem", "id", "patientid"),
)
LABEL = (
    *("labels", "label", "findinglabels", "findinglabel", "findings", "finding", "classes", "class"),
    *("classname", "diagnosis", "target"),
)
PATIENT = ("patientid", "patient", "subjectid")
SPLIT = ("split",)
SOURCE = ("dataset", "sourcerepo")
Attributes = Mapping[str, Mapping[str, str]]  # value by column, by film
NOT_FINDINGS = {*FILM, *PATIENT, *SPLIT, *SOURCE, "age", "patientage", "sex", "gender", "view", "followup"}

LIST_NAME = re.compile(r"(.*[ _-])?labels?|data_entry.*", re.IGNORECASE)  # train_labels, Data_Entry_2017
MOST_NAMED = 8  # columns that a message names
NORMAL = frozenset({"no finding", "no findings", "normal", "none", "negative"})
UNKNOWN = {"", "nan", "na", "n/a", "#n/a", "<na>", "null", "unknown", "-", "?"}
PRESENT = ("1", "1.0", "1,0", "true", "t", "yes", "y", "positive", "pos", "present")
ABSENT = ("0", "0.0", "0,0", "false", "f", "no", "n", "negative", "neg", "absent")
BINARY = {**dict.fromkeys(PRESENT, True), **dict.fromkeys(ABSENT, False)}
UNCERTAIN = {"-1", "-1.0"}
BINARY_OR_UNCERTAIN = BINARY.keys() | UNCERTAIN
SYNONYMS = {"fractured": "fracture"}
NEGATED = re.compile(r"(?:no|non|without)[ -](.+)")  # no pneumonia, non-fractured
NO_FINDINGS = NORMAL | {"support devices"}  # what a film without findings can be labeled with, as in CheXpert


@dataclass(frozen=True)
class FilmLabels:
    """The labels of one film.

    Attributes:
        labels: Labels as plain() spells them.
        patient: Patient id, or the path as written if unknown.
        known: Findings that the labels cover; empty for all.
        single_class: Whether the data set has one class, which is then the finding whatever its name.
        split: Name of the split, or empty.
        source: Collection, or empty.
    """

    labels: frozenset[str]
    patient: str
    known: frozenset[str] = frozenset()
    single_class: bool = False
    split: str = ""
    source: str = ""


@dataclass(frozen=True)
class FilmList:
    """Contents of a list.

    Attributes:
        name: File name of the list.
        films: Labels by path, None where the list gives none. Paths have slashes.
        labeled: Whether the list has a column of labels.
        notes: What was left out, with counts.
        attributes: Values of the columns that name neither film, label nor patient, by column, by path.
    """

    name: str
    films: Mapping[str, FilmLabels | None]
    labeled: bool
    notes: tuple[str, ...]
    attributes: Attributes


def plain(label: str) -> str:
    """Normalize a label: lower case, spaces instead of underscores, one name for synonyms."""
    name = " ".join(unicodedata.normalize("NFC", label).replace("_", " ").split()).casefold()
    return SYNONYMS.get(name, name)


def stated(names: Iterable[str]) -> FilmLabels | None:
    """What the names of a film's labels state, or None without a name.

    A name such as `no pneumonia` beside others adds nothing to them; alone, it states that this finding is
    absent, and nothing about others.
    """
    labels = frozenset(map(plain, names)) - UNKNOWN
    absent = {name: plain(found[1]) for name in labels - NORMAL if (found := NEGATED.fullmatch(name))}
    if present := labels - absent.keys():
        return FilmLabels(present, "")
    return FilmLabels(present, "", frozenset(absent.values())) if absent else None


def is_label_list(path: str) -> bool:
    """Whether a file beside films is a list of labels, such as labels.csv or train_labels.csv."""
    name = PurePosixPath(path)
    return is_table(name.name) and LIST_NAME.fullmatch(name.stem) is not None


def read_film_list(name: str, data: bytes, *, place: str = "", needs_labels: bool = True) -> FilmList:
    """Read a list of films.

    A column names the film (FILM), another its labels (LABEL), separated by bars, commas or semicolons.
    Without such a column, every column of 0 and 1 is a finding. A blank label is unknown. Rows of one film
    are combined; if they contradict each other, or a film has findings and none, the label is unknown.

    Args:
        name: File name, for messages.
        data: Contents of the file.
        place: Folder of the list, which its paths start from.
        needs_labels: Whether a list without labels is an error.

    Raises:
        UnusableData: If the file is no table, or lacks a column or rows.
    """
    table = read_table(name, data, LABEL)
    film, labels_of = table.column(FILM), label_reader(table)
    if film is None or (needs_labels and labels_of is None):
        named = [*table.columns.values()]
        columns = ", ".join([*named[:MOST_NAMED], "..."] if len(named) > MOST_NAMED else named)
        raise UnusableData(
            f"{name} lacks a column path or labels{_nearly_binary(table)}. Its columns: {columns}.",
            hint="Name the columns in the first line: path, labels.",
        )
    rows = [row for row in table.rows if row[film]]
    if not rows:
        raise UnusableData(f"{name} lists no films.", hint="Write one film per line, below the column names.")
    patient, split = table.column(PATIENT), table.column(SPLIT)
    used = {film, table.column(LABEL), patient}
    others = {key: column for key, column in sorted(table.columns.items()) if key not in used}
    films: dict[str, FilmLabels | None] = {}
    attributes: dict[str, dict[str, str]] = {}
    repeated, contradictory = set(), set()
    for row in rows:
        path = row[film] if "://" in row[film] else slashed(f"{place}/{row[film]}" if place else row[film])
        found = labels_of(row) if labels_of else None
        if found is not None:
            found = replace(
                found,
                patient=(row[patient] if patient else "") or row[film],
                split=row[split] if split else "",
                source=next((row[key] for key in SOURCE if row.get(key)), ""),
            )
        before = films.get(path)
        if path in films:
            repeated.add(path)
        films[path] = both = _combined(before, found)
        if before and found and (_denies(before, found) or _denies(found, before)):
            contradictory.add(path)
        if both and both.labels & NORMAL and both.labels - NO_FINDINGS:
            contradictory.add(path)
        attributes.setdefault(path, {column: row[key] for key, column in others.items()})
    films |= dict.fromkeys(contradictory)
    unlabeled = sum(labels is None for labels in films.values()) - len(contradictory) if labels_of else 0
    left_out = (
        (len(table.rows) - len(rows), "row does not name a film", "rows do not name a film"),
        (len(repeated), "film is listed several times", "films are listed several times"),
        (len(contradictory), "film has contradictory labels", "films have contradictory labels"),
        (unlabeled, "film has no label", "films have no label"),
    )
    notes = tuple(counted(number, one, several) for number, one, several in left_out if number)
    return FilmList(name, films, labels_of is not None, notes, attributes)


def label_reader(table: Table) -> Callable[[Row], FilmLabels | None] | None:
    """Return a function that reads the labels of a row, or None if the table has no labels.

    The function returns None for a row without label, and labels without patient and split.
    """
    label = table.column(LABEL)
    if label is None:
        findings = [key for key in table.columns if key not in NOT_FINDINGS and _is_binary(table, key)]
        names = {key: plain(table.columns[key]) for key in findings}
        return partial(_from_columns, names=names) if names else None
    if not _is_binary(table, label):
        return partial(_from_names, column=label)
    if label == "target" and table.column(FILM) == "patientid":  # RSNA Pneumonia Detection Challenge
        return partial(_from_columns, names={label: "pneumonia"})
    return partial(_from_columns, names={label: plain(table.columns[label])}, single_class=True)


def _is_binary(table: Table, key: str) -> bool:
    values = _known_values(table, key)
    return bool(values) and not _not_binary(values)


def _nearly_binary(table: Table) -> str:
    """Name a column that would be a finding but for a few of its values; empty without such a column."""
    for key, column in table.columns.items():
        values = _known_values(table, key)
        other = _not_binary(values)
        if key not in NOT_FINDINGS and 0 < len(other) < len(values) / 2:
            return f" (column {column} has values other than 0 and 1, such as {other[0]})"
    return ""


def _known_values(table: Table, key: str) -> list[str]:
    return [value for row in table.rows if (value := row[key]).casefold() not in UNKNOWN]


def _not_binary(values: Sequence[str]) -> list[str]:
    return [value for value in values if value.casefold() not in BINARY_OR_UNCERTAIN]


def _from_names(row: Row, column: str) -> FilmLabels | None:
    written = re.split(r"[|,;]", row[column].strip("[]{}"))
    return stated(label.strip(" '\"") for label in written)


def _from_columns(row: Row, names: Mapping[str, str], single_class: bool = False) -> FilmLabels | None:
    """Labels from columns of 0 and 1; a film without finding is known to have none of all."""
    values = {name: BINARY[value] for key, name in names.items() if (value := row[key].casefold()) in BINARY}
    labels = frozenset(name for name, present in values.items() if present)
    known = frozenset() if labels and labels <= NORMAL else frozenset(values)
    return FilmLabels(labels, "", known, single_class) if values else None


def _denies(first: FilmLabels, second: FilmLabels) -> bool:
    """Whether labels state that a finding is absent which others state to be present."""
    return not first.labels and bool(first.known & second.labels)


def _combined(first: FilmLabels | None, second: FilmLabels | None) -> FilmLabels | None:
    if first is None or second is None:
        return first or second
    known = first.known | second.known if first.known and second.known else frozenset()
    return replace(first, labels=first.labels | second.labels, known=known)
