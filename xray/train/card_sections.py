"""Sections of a model card that only some models have: inserted lesions, the input gate, an ablation."""

from __future__ import annotations

from typing import Any

from xray.models.registry import ModelEntry
from xray.train.bootstrap import Estimate
from xray.train.external_table import table_rows


def lesions_section(lesions: dict[str, Any]) -> str:
    """Return how a model reacts to inserted lesions."""
    parts = lesions["collections"]
    names = list(next(iter(parts.values()))["metrics"])
    rows = [["normal test films", "n", *names], ["---"] * (2 + len(names))]
    rows += [
        [name, str(part["n"]), *(str(Estimate(**part["metrics"][metric])) for metric in names)]
        for name, part in parts.items()
    ]
    command = f"python -m xray evaluate-lesions {lesions['model']} --finding {lesions['finding']!r}"
    return (
        f"\n## Inserted lesions\n\nA soft {lesions['lesion']} in a lung of normal films: rise of log-odds "
        f"of {lesions['finding']}, and whether the highest point of {lesions['method']} lies in it "
        f"(`{command}`):\n\n{table_rows(rows)}\n"
    )


def gate_table(rows: list[dict[str, Any]]) -> str:
    """Return refusal rates of the input gate as a Markdown table."""
    header = ["images", "for a model of", "should be", "refused", "n", "95% interval"]
    cells = [
        [
            row["reason"],
            "chest films" if row["model_regions"] == ["chest"] else "limbs",
            row["should_be"],
            f"{row['share']:.1%}",
            str(row["n"]),
            f"{row['low']:.1%} to {row['high']:.1%}",
        ]
        for row in rows
    ]
    return table_rows([header, ["---"] * len(header), *cells])


def gate_section(gate: dict[str, Any]) -> str:
    """Return what the input gate refuses."""
    return (
        "\n## What the gate refuses\n\nShare of refused images (`python -m xray gate-figures --keep`; Wilson "
        "95% intervals). Neither the network nor the feature bank nor its limits were made with images of an "
        "unfamiliar kind. The network has seen other films of a collection that is left out; the bank has "
        f"none, and they do not influence the limits.\n\n{gate_table(gate['totals'])}\n\n"
        f"{gate_table(gate['reasons'])}\n"
    )


def ablation_section(entry: ModelEntry, ablation: dict[str, Any]) -> str:
    """Return the effect of the teacher."""
    metrics = ablation["metrics"]
    names = [name for name in next(iter(metrics.values())) if name in ("auroc", "accuracy", "macro_auroc")]
    rows = [["first stage only", *names], ["---"] * (1 + len(names))]
    rows += [
        [variant, *(str(Estimate(**figures[name])) for name in names)] for variant, figures in metrics.items()
    ]
    command = f"python -m xray ablate {entry.id} --epochs {ablation['epochs']}"
    return (
        f"\nEffect of the teacher (`{command}`: the same films, seed and number of steps, {ablation['size']} "
        f"px; {ablation['n']} validation films, uncalibrated):\n\n{table_rows(rows)}\n"
    )
