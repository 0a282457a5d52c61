"""Figures of collections that a model was not trained on, as parts of its card."""

from __future__ import annotations

from typing import Any

from xray.train.bootstrap import Estimate


def external(figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the figures of collections that users have measured (see external.add_external)."""
    parts: dict[str, dict[str, Any]] = figures.get("external", {})
    return parts


def external_section(model_id: str, figures: dict[str, Any]) -> str:
    """Return how other collections are measured, and the AUROC of each finding if there are several."""
    parts = external(figures)
    findings = dict.fromkeys(finding for part in parts.values() for finding in part["findings"])
    if not parts:
        return ""
    command = f"`python -m xray evaluate {model_id} --data FOLDER --external NAME`"
    text = f"\nCollections that were not used for training are measured with {command}.\n"
    if len(findings) < 2:
        return text
    rows = [["finding"], ["---"], *([finding] for finding in findings)]
    for name, part in parts.items():
        rows[0] += [f"AUROC, {name}", "positive films"]
        rows[1] += ["---"] * 2
        for row in rows[2:]:
            known = part["findings"].get(row[0])
            row += (
                [str(Estimate(**known["metrics"]["auroc"])), f"{known['positives']} of {known['n']}"]
                if known
                else ["-", "-"]
            )
    return f"{text}\n{table_rows(rows)}\n"


def table_rows(rows: list[list[str]]) -> str:
    """Return rows of a Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
