"""Figures against radiologists' readings, as a part of a model card."""

from __future__ import annotations

from typing import Any

from xray.train.bootstrap import Estimate
from xray.train.external_table import table_rows


def readings_section(model_id: str, figures: dict[str, Any]) -> str:
    """Return the AUROC of every finding that the readings cover, by collection, beside text-mined labels."""
    if "readings" not in figures:
        return ""
    read, labeled = figures["readings"], figures["test"]
    findings = list(read["findings"])
    header = ["films", "read"]
    for finding in findings:
        header += [f"{finding}, readings", f"{finding}, text-mined labels"]
    rows = [header, ["---"] * len(header)]
    rows.append(["all", str(read["n"])])
    for finding in findings:
        rows[-1] += [
            str(Estimate(**part["findings"][finding]["metrics"]["auroc"])) for part in (read, labeled)
        ]
    for name, part in read.get("sources", {}).items():
        rows.append([name, str(part["n"])])
        for finding in findings:
            for known in (part, labeled.get("sources", {}).get(name, {})):
                auroc = known.get("auroc", {}).get(finding)
                rows[-1].append(str(Estimate(**auroc)) if auroc else "-")
    return (
        "\n### Against radiologists' readings\n\nAUROC on the test films that RSNA's radiologists read (No "
        "Finding: read as Normal; Pneumonia: read as Lung Opacity), beside the AUROC on all test films with "
        f"text-mined labels (`python -m xray evaluate {model_id} --split readings --json`):\n\n"
        f"{table_rows(rows)}\n"
    )
