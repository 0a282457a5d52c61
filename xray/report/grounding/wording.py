"""How figures and names are written, and found again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache


def percent(probability: float) -> str:
    """One decimal, more where that would say 0 or 100 percent."""
    digits = next((n for n in range(1, 8) if 0 < float(f"{probability:.{n + 2}f}") < 1), 1)
    return f"{probability:.{digits}%}"


def listed(names: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


@cache
def mentions(finding: str) -> re.Pattern[str]:
    """A finding's name as a word, also in the plural; one that begins with "No" only as it is spelled."""
    flags = 0 if finding.startswith("No ") else re.IGNORECASE
    return re.compile(rf"(?<!\w){re.escape(finding)}(?:s|es)?(?!\w)", flags)
