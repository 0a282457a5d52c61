"""Attributes of the films of a cohort, such as age, sex, view and device, and groups of their values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from xray.errors import InvalidRequest, UnusableData
from xray.io.dicom_attributes import ATTRIBUTES
from xray.io.tables import column_key

NOT_STATED = "not stated"
MOST_GROUPS = 12  # of a column of words
FEW_NUMBERS = 8  # different numbers up to which each is a group
AGES = (18, 40, 60, 80)
AGE_KEYS = {"age", "patientage", "ageyears"}
AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([DWMY]?)", re.IGNORECASE)  # a number, or an Age String (PS3.5 6.2)
PER_YEAR = {"D": 365.25, "W": 365.25 / 7, "M": 12.0, "Y": 1.0, "": 1.0}


def chosen_column(name: str, listed: Sequence[str]) -> str:
    """Return a column of a list, or a DICOM attribute, in its own spelling.

    Args:
        name: The column, in any spelling.
        listed: Columns of the lists, which come first.

    Raises:
        InvalidRequest: If there is none of this name.
    """
    for known in (*listed, *ATTRIBUTES):
        if column_key(known) == column_key(name):
            return known
    columns = f"columns of the list: {', '.join(listed)}; " if listed else ""
    raise InvalidRequest(
        f"There is no column {name!r}.", f"Known {columns}DICOM attributes: {', '.join(ATTRIBUTES)}."
    )


def groups(column: str, values: Sequence[str]) -> list[str]:
    """Group the values of a column: ages in bands, many numbers in quarters, words as they are.

    Args:
        column: Name of the column.
        values: Values (n); empty where unknown.

    Returns:
        The group of each value (n), NOT_STATED where it is unknown.

    Raises:
        UnusableData: If a column of words has more than MOST_GROUPS different values.
    """
    stated = [value for value in values if value]
    if column_key(column) in AGE_KEYS and all(AGE.fullmatch(value) for value in stated):
        return [_age_band(value) if value else NOT_STATED for value in values]
    different = Counter(stated)
    numbers = [_number(value) for value in different]
    if len(different) > FEW_NUMBERS and not any(np.isnan(numbers)):
        return _quarters(values)
    if len(different) > MOST_GROUPS:
        raise UnusableData(
            f"The column {column} has {len(different):,} different values.",
            hint=f"Films can be grouped by at most {MOST_GROUPS}.",
        )
    return [value or NOT_STATED for value in values]


def _age_band(value: str) -> str:
    found = AGE.fullmatch(value)
    years = float(found[1]) / PER_YEAR[found[2].upper()] if found else 0.0
    if years < AGES[0]:
        return f"under {AGES[0]}"
    band = sum(years >= age for age in AGES) - 1
    return f"{AGES[band]} to {AGES[band + 1] - 1}" if band + 1 < len(AGES) else f"{AGES[band]} and over"


def _quarters(values: Sequence[str]) -> list[str]:
    numbers = np.array([_number(value) if value else np.nan for value in values])
    edges = np.nanquantile(numbers, (0.25, 0.5, 0.75))
    names = [
        f"up to {edges[0]:g}",
        *(f"over {low:g}, up to {high:g}" for low, high in pairwise(edges)),
        f"over {edges[-1]:g}",
    ]
    places = np.searchsorted(edges, numbers)
    return [
        NOT_STATED if np.isnan(number) else names[place]
        for number, place in zip(numbers, places, strict=True)
    ]


def _number(value: str) -> float:
    try:
        return float(value.replace(",", "."))
    except ValueError:
        return float("nan")
