"""The tables of README and docs, from the kept figures: models, their heatmaps, and the input gate."""

from __future__ import annotations

from typing import Any

from xray.evidence.limits import TRUE, kept, limits_file, study_file
from xray.models.ensemble import weights_sha256
from xray.models.gate import GATE
from xray.models.registry import entries
from xray.train.bootstrap import Estimate
from xray.train.card import collections, variants
from xray.train.card_sections import gate_table
from xray.train.external_table import external, table_rows
from xray.train.recipes import RECIPES
from xray.train.recipes.recipe import Recipe
from xray.train.release import kept_figures

NAMES = {
    "auroc": "AUROC",
    "macro_auroc": "mean AUROC",
    "balanced_accuracy": "balanced accuracy",
    "map50": "mAP50",
    "map50_95": "mAP50-95",
    "box_precision": "precision of boxes",
    "box_recall": "recall of boxes",
    "accuracy": "accuracy",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
}
COMPARED = {"gradcam": "Grad-CAM", "hirescam": "HiResCAM"}
SHOWN = {  # metrics by the task of a model
    "pneumonia": ("auroc", "accuracy", "sensitivity", "specificity"),
    "chest findings": ("macro_auroc",),
    "body region": ("balanced_accuracy",),
    "fractures": ("map50", "map50_95", "box_precision", "box_recall", "auroc"),
}


def models_table() -> str:
    """Return the table of all bundled models with a task in SHOWN, as Markdown.

    Raises:
        ModelUnavailable: If figures are missing.
    """
    rows = [["model", "test films (patients)", "figures", "calibration error"], ["---"] * 4]
    rows += [
        row(RECIPES[facts.id], kept_figures(facts.id))
        for facts in entries()
        if facts.id in RECIPES and facts.task in SHOWN
    ]
    return table_rows(rows)


def explanations_table() -> str:
    """Return how often the highest point of a map lies in a radiologist's box, as a Markdown table."""
    rows = [["model", *COMPARED.values(), "random maps", "centered Gaussian"], ["---"] * 5]
    for facts in entries():
        study = kept(study_file(facts.id), weights_sha256(facts))
        if not study:
            continue
        places = {name: values["location"] for name, values in study["methods"].items()}
        cells = [_hit(places[name]["hit"]) if name in places else "-" for name in COMPARED]
        most = max(places.values(), key=lambda place: place["hit"]["n"])
        chance = [f"{most[f'hit, {name}']['value']:.2f}" for name in ("random", "centered")]
        rows.append([f"`{facts.id}`", *cells, *chance])
    return table_rows(rows)


def verdicts_table() -> str:
    """Return how often true and meaningless maps are called supported, as a Markdown table."""
    true_maps = ["true maps: supported", "of discs", "not supported"]
    rows = [["model", "films for limits, test films", "AUROC", *true_maps, "meaningless maps: supported"]]
    rows.append(["---"] * len(rows[0]))
    for facts in entries():
        figures = kept(limits_file(facts.id), weights_sha256(facts))
        if "benchmark" in figures:
            verdict = figures["benchmark"]["verdict"]
            true, discs = verdict[TRUE], verdict.get("true, by lesion", {}).get("disc")
            kinds = [f"{kind} {rate['value']:.0%}" for kind, rate in verdict["meaningless"].items()]
            cells = [
                f"{figures['films']}, {figures['benchmark']['films']}",
                f"{verdict['auroc']:.3f}",
                f"{_rate(true)}, n {true['n']}",
                f"{discs['value']:.0%}, n {discs['n']}" if discs else "-",
                _rate(verdict[f"{TRUE}, not supported"]),
            ]
            rows.append([f"`{facts.id}`", *cells, ", ".join(kinds)])
    return table_rows(rows)


def gate_totals() -> str:
    """Return what the input gate refuses of unfamiliar images and of unseen collections, as Markdown."""
    return gate_table(kept_figures(GATE)["gate"]["totals"])


def _hit(values: dict[str, Any]) -> str:
    return f"{values['value']:.2f} ({values['low']:.2f} to {values['high']:.2f}), n {values['n']}"


def _rate(values: dict[str, Any]) -> str:
    return f"{values['value']:.0%} ({values['low']:.0%} to {values['high']:.0%})"


def row(recipe: Recipe, figures: dict[str, Any]) -> list[str]:
    """Return the cells of a model: figures of the collections that its recipe names, or of all test films."""
    test = figures["test"]
    parts = collections(recipe, figures) or {"": test}
    parts |= variants(recipe, figures)
    if "readings" in figures:
        parts["radiologists' readings"] = figures["readings"]
    parts |= {f"{name}, not trained on": part for name, part in external(figures).items()}
    described = [
        f"{name} ({part['n']}): {_metrics(recipe.task, part)}" if name else _metrics(recipe.task, part)
        for name, part in parts.items()
    ]
    error = next(value for name, value in test["metrics"].items() if name.endswith("ece"))
    films = f"{test['n']:,} ({test['patients']:,})"
    return [f"`{recipe.name}`", films, "; ".join(described), str(Estimate(**error))]


def _metrics(task: str, part: dict[str, Any]) -> str:
    metrics = part["metrics"]
    shown = [name for name in SHOWN[task] if name in metrics]
    return ", ".join(f"{NAMES[name]} {Estimate(**metrics[name])}" for name in shown)
