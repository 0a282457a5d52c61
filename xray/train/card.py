"""The model card: what was trained on what, the figures with their command, and what the model cannot do."""

from __future__ import annotations

from typing import Any

from xray import NOTICE
from xray.models.registry import ModelEntry
from xray.train.metrics import RESAMPLES, Estimate
from xray.train.recipes.recipe import Recipe

CARD = """# {title}

{first_line}{notice}

| | |
|---|---|
| id | `{id}` |
| findings | {findings} |
| trained on | {trained_on} |
| licence | {licence} |
| architecture | {architecture}, input {size} x {size} px, normalization `{normalization}` |
| target layer of the heatmaps | `{layer}` |
| weights | {weights}, sha256 `{sha256}` |

## Figures

{figures}

Value (95% confidence interval, bootstrap over patients, {resamples} resamples; a calibration error cannot be
negative, so resampling pushes it upwards). Command for the test column: `python -m xray evaluate {id} --split
test --json` (add `--data DIR` for other films).
{findings_table}{boxes}
## Calibration and certainty

{certainty}

## Training

{training}

{choices}
{ablation}
## Known weaknesses

{weaknesses}
"""


def card(recipe: Recipe, entry: ModelEntry, figures: dict[str, Any]) -> str:
    """The card as Markdown, every number from the figures given."""
    return CARD.format(
        title=entry.title,
        first_line=f"**{recipe.first_line}**\n\n" if recipe.first_line else "",
        notice=NOTICE,
        id=entry.id,
        findings=", ".join(entry.findings),
        resamples=RESAMPLES,
        trained_on=entry.trained_on,
        licence=entry.licence,
        architecture=entry.architecture,
        size=entry.input_size,
        normalization=entry.normalization,
        layer=entry.target_layer,
        weights=f"`{entry.weights}`" if entry.weights else f"those of {', '.join(entry.members)}",
        sha256=entry.sha256,
        figures=_table(_columns(recipe, figures)),
        findings_table=_findings(figures["test"]) if len(entry.findings) > 2 else _point(recipe, entry),
        boxes=_boxes(figures["test"]) if "subsets" in figures["test"] else "",
        certainty=_certainty(entry, figures),
        training=_training(recipe, figures),
        choices="\n".join(f"- {line}" for line in recipe.choices),
        ablation=_ablation(entry, figures["ablation"]) if "ablation" in figures else "",
        weaknesses="\n".join(f"- {line}" for line in recipe.weaknesses),
    )


def _columns(recipe: Recipe, figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The films measured on, by the heading of their column."""
    columns = {"validation": figures["validation"], "test": figures["test"]}
    if "other_source" in figures:
        columns["collections never learned from"] = figures["other_source"]
    if "shrunk" in figures:
        columns[f"test, shrunk to {recipe.shrunk_to} px"] = figures["shrunk"]
    if "without_markers" in figures:
        columns["test, markers painted out"] = figures["without_markers"]
    largest = max(figures["test"].get("sources", {}).items(), key=lambda one: one[1]["n"], default=None)
    if largest and recipe.activation == "sigmoid":
        columns[f"test, {largest[0]} alone"] = largest[1]
    return columns


def _table(columns: dict[str, dict[str, Any]]) -> str:
    def films(one: dict[str, Any]) -> str:
        return f"{one['n']} ({one['patients']})" if "patients" in one else str(one["n"])

    lines = [
        f"| | {' | '.join(columns)} |",
        "|---" * (len(columns) + 1) + "|",
        f"| films (patients) | {' | '.join(films(one) for one in columns.values())} |",
    ]
    for name in columns["test"]["metrics"]:
        values = [
            str(Estimate(**one["metrics"][name])) if name in one["metrics"] else "-"
            for one in columns.values()
        ]
        lines.append(f"| {name} | {' | '.join(values)} |")
    return "\n".join(lines)


def _findings(test: dict[str, Any]) -> str:
    lines = [
        "\n### Test films, finding by finding\n",
        "| finding | n with it, of all | AUROC | operating point | sensitivity | specificity | ECE |",
        "|---|---|---|---|---|---|---|",
    ]
    for finding, one in test["findings"].items():
        metrics = {name: Estimate(**value) for name, value in one["metrics"].items()}
        lines.append(
            f"| {finding} | {one['positives']} of {one['n']} | {metrics['auroc']} | {one['threshold']:g} | "
            f"{metrics['sensitivity']} | {metrics['specificity']} | {metrics['ece']} |"
        )
    return "\n".join(lines) + "\n"


def _point(recipe: Recipe, entry: ModelEntry) -> str:
    if recipe.target_sensitivity:
        reached = f"highest at which validation sensitivity is at least {recipe.target_sensitivity:.0%}"
    elif recipe.target_specificity:
        reached = (
            f"lowest from 0.5 at which validation specificity is at least {recipe.target_specificity:.0%}"
        )
    else:
        return ""
    return (
        f"\nOperating point of {entry.findings[-1]}: calibrated probability {entry.thresholds[-1]:g}, the "
        f"{reached}. Set before any test film was measured.\n"
    )


def _boxes(test: dict[str, Any]) -> str:
    """Mean average precision by groups of films, and what the other box figures are."""
    names = ("map50", "map50_95", "box_recall", "auroc")
    rows = {f"all, {test['n']} films": test["metrics"]}
    rows |= {
        f"{name}, {one['n']} films, {one['marks']} boxes": one["metrics"]
        for name, one in test["subsets"].items()
    }
    cells = [["", *names], ["---"] * (1 + len(names))]
    cells += [
        [group, *(str(Estimate(**metrics[name])) if name in metrics else "-" for name in names)]
        for group, metrics in rows.items()
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in cells)
    return (
        f"\n### Boxes on test films\n\n{table}\n\n"
        "As Ultralytics counts them; precision and recall at the confidence where their harmonic mean is "
        "highest on these very films. The other figures are those of whole films. Whether hardware, "
        "resolution or markers give a fracture away is told by the groups without them, and by the column of "
        "films with their markers painted out (`python -m xray evaluate "
        f"{test['model']} --split test --without-markers`).\n"
    )


def _certainty(entry: ModelEntry, figures: dict[str, Any]) -> str:
    name = next(name for name in figures["test"]["metrics"] if name.endswith("ece"))
    before, after = (
        Estimate(**one[name])
        for one in (figures["validation_uncalibrated"], figures["validation"]["metrics"])
    )
    fit = "one temperature" if entry.activation == "softmax" else "Platt, per finding"
    intervals, test = figures["intervals"], figures["test"]
    ways = "; ".join(
        f"{way} times {intervals[way]['widening']:g} holds {intervals[way]['validation']:.1%} on validation "
        f"(mean width {intervals[way]['width']:.3f})"
        for way in ("augmentation", "dropout")
        if way in intervals
    )
    lines = [
        f"- Calibration ({fit}), fitted on validation: {name} there {before} before, {after} after; "
        f"on test {Estimate(**test['metrics'][name])}.",
        "- Intervals (where the answer stays when the same film is taken again a little differently): "
        f"{ways}. Chosen: {intervals['chosen']}. On test it holds {intervals['test']:.1%}, target "
        f"{intervals['target']:.0%}.",
    ]
    if test["conformal"]:
        coverage = "; ".join(
            f"{name} {Estimate(**value)}" for name, value in test["conformal"]["coverage"].items()
        )
        lines.append(
            f"- Prediction sets (class-conditional conformal, target {test['conformal']['target']:.0%} per "
            f"class) hold the truth on test: {coverage}. Cannot tell: {test['conformal']['cannot_tell']:.1%}."
        )
    risk = dict(zip(test["risk_coverage"]["coverage"], test["risk_coverage"]["risk"], strict=True))
    lines.append(
        "- Risk-coverage on test, share wrong among the most certain: "
        + ", ".join(f"{risk[share]:.1%} of {share:.0%}" for share in (0.25, 0.5, 0.75, 1.0))
        + "."
    )
    return "\n".join(lines)


def _training(recipe: Recipe, figures: dict[str, Any]) -> str:
    if recipe.members:
        members = ", ".join(f"`{member}`" for member in recipe.members)
        return (
            f"`python -m xray train {recipe.name}`: the mean of the calibrated logits of {members}, "
            f"calibrated once more on {figures['validation']['n']} validation films."
        )
    run = [epoch["stage"] for epoch in figures["epochs"]]
    stages = ", ".join(
        f"{stage.name} ({run.count(stage.name)} epochs, learning rate {stage.learning_rate:g})"
        for stage in recipe.stages
    )
    helping = figures["helping_films"]
    return (
        f"`python -m xray train {recipe.name}`: {figures['learning_films']} films for learning"
        f"{f' and {helping} that only help' if helping else ''}, {figures['validation']['n']} for "
        f"validation, split by patient (seed {recipe.seed}); test films never used. Stages: {stages}. "
        f"{round(figures['seconds'] / 60)} minutes on {figures['machine']}."
    )


def _ablation(entry: ModelEntry, found: dict[str, Any]) -> str:
    metrics = found["metrics"]
    names = [name for name in next(iter(metrics.values())) if name in ("auroc", "accuracy", "macro_auroc")]
    rows = [["first stage alone", *names], ["---"] * (1 + len(names))]
    rows += [[variant, *(str(Estimate(**one[name])) for name in names)] for variant, one in metrics.items()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    command = f"python -m xray ablate {entry.id} --epochs {found['epochs']}"
    return (
        f"\nWhat the teacher is worth (`{command}`: the same films, seed and steps, {found['size']} px; "
        f"{found['n']} validation films, uncalibrated):\n\n{table}\n"
    )
