"""Findings that a prompt names, in English and in other languages."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from xray.report.grounding.clauses import mentions

TRANSLATIONS = Path(__file__).with_name("translations.toml")


def names(prompt: str, findings: Iterable[str]) -> list[str]:
    """Return the findings that a prompt names, in their order."""
    text = _folded(prompt)
    return [
        finding
        for finding in findings
        if mentions(finding).search(prompt) or any(stem.search(text) for stem in _stems(finding))
    ]


@cache
def _stems(finding: str) -> tuple[re.Pattern[str], ...]:
    """Patterns of the translations of a finding: beginnings or, if _is_unspaced, parts of words."""
    known = tomllib.loads(TRANSLATIONS.read_text(encoding="utf-8"))
    return tuple(
        re.compile(re.escape(stem) if _is_unspaced(stem) else rf"(?<!\w){re.escape(stem)}")
        for stem in map(_folded, known.get(finding, []))
    )


def _is_unspaced(stem: str) -> bool:
    """Whether a stem is Chinese, Japanese or Korean, or Arabic, which writes articles as prefixes."""
    return any(
        unicodedata.name(letter, "").split()[0] in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "ARABIC")
        for letter in stem
    )


def _folded(text: str) -> str:
    """Lower case without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
