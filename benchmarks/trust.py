"""Benchmark of the checks: true and meaningless maps of test films with an inserted lesion.

The limits come from validation films (python -m xray evaluate-explanations MODEL --limits --keep).

python -m benchmarks.trust --model pneumonia-mobilenet --json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from xray.evidence.limits import TRUE, kept, limits_file
from xray.models.ensemble import load_model
from xray.train.check_rates import rates
from xray.train.evaluate import films_to_measure
from xray.train.known_evidence import DEFAULT_FILMS, measured_rows

MODELS = ("pneumonia-mobilenet", "findings-densenet121")


def benchmark(model_id: str, films: int, start: int, measured: Path | None, *, keep: bool) -> dict[str, Any]:
    """Measure the rates of a model's checks on test films, and store them beside its limits with `keep`."""
    model = load_model(model_id)
    path = limits_file(model_id)
    figures = kept(path, model.entry.sha256)
    if not figures:
        raise SystemExit(
            f"{model_id} has no limits. Run: xray evaluate-explanations {model_id} --limits --keep"
        )
    _, test = films_to_measure(model.entry, None, "test")
    found = rates(measured_rows(model, test, most=films, start=start, kept=measured), figures)
    if keep:
        kinds = found["verdict"]["meaningless"].values()
        figures["verdict"] |= {
            "meaningless_supported": max(kind["value"] for kind in kinds),
            "true_supported": found["verdict"][TRUE]["value"],
        }
        figures["benchmark"] = {
            "command": f"python -m benchmarks.trust --model {model_id} --films {films} --start {start}"
        } | found
        path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return {"model": model_id} | found


def lines(found: dict[str, Any]) -> list[str]:
    """The results as a Markdown table."""
    rows = [
        f"{found['model']}, {found['films']} films",
        "| | AUROC | meaningless maps passed | true maps passed |",
    ]
    for name, check in [*found["checks"].items(), ("verdict", found["verdict"])]:
        if "auroc" in check:
            passed = ", ".join(f"{kind} {rate['value']:.0%}" for kind, rate in check["meaningless"].items())
            rows.append(f"| {name} | {check['auroc']:.3f} | {passed} | {check[TRUE]['value']:.0%} |")
    return rows


def main() -> None:
    """Measure models and print the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", action="append", help=f"model id, may be repeated; by default {MODELS}")
    parser.add_argument("--films", type=int, default=DEFAULT_FILMS)
    parser.add_argument("--start", type=int, default=0, help="number of normal test films to leave out")
    parser.add_argument("--measured", type=Path, help="file of the films measured so far, which is continued")
    parser.add_argument("--keep", action="store_true", help="store the results beside the limits")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    given = parser.parse_args()
    results = [
        benchmark(name, given.films, given.start, given.measured, keep=given.keep)
        for name in given.model or MODELS
    ]
    print(
        json.dumps(results, indent=2)
        if given.json
        else "\n".join(line for one in results for line in lines(one))
    )


if __name__ == "__main__":
    main()
