"""The verdict on a map in one line; imports no model."""

from __future__ import annotations

from xray.types import MapVerdict
from xray.ui.common.escaping import literal

SUPPORT: dict[str, tuple[str, str]] = {
    "supported": ("green", "verified"),
    "not supported": ("red", "gpp_bad"),
    "cannot tell": ("gray", "help"),
}


def verdict_line(verdict: MapVerdict) -> str:
    """The verdict on a map and its reason in one line, as Markdown."""
    color, icon = SUPPORT[verdict.support]
    return f":{color}-badge[:material/{icon}: **Map: {verdict.support}**] {literal(verdict.reason)}"
