"""Model cards in Markdown: training data, figures with the command that measures them, and weaknesses."""

from __future__ import annotations

from typing import Any

from xray import NOTICE
from xray.models.registry import ModelEntry
from xray.train.bootstrap import RESAMPLES, Estimate
from xray.train.card_sections import ablation_section, gate_section, lesions_section
from xray.train.external_table import external, external_section
from xray.train.readings_table import readings_section
from xray.train.recipes.recipe import Recipe

UNSEEN = "unseen collections"
CARD = """# {title}

{warning}{notice}

| | |
|---|---|
| id | `{id}` |
| findings | {findings} |
| trained on | {trained_on} |
| licence | {licence} |
| architecture | {architecture} |
| target layer of the heatmaps | {layer} |
| weights | {weights}, sha256 `{sha256}` |

## Figures

{figures}

Values with 95% confidence intervals (bootstrap over patients, {resamples} resamples). A calibration error is
never negative, so its bootstrap distribution is biased upwards. Command for the test column:
`python -m xray evaluate {id} --split test --json` (add `--data DIR` for other films).
{findings_table}{readings}{external}{boxes}
## Calibration and certainty

{certainty}
{gate}{lesions}
## Training

{training}

{choices}
{ablation}
## Known weaknesses

{weaknesses}
"""


def card(recipe: Recipe, entry: ModelEntry, figures: dict[str, Any]) -> str:
    """Return the model card as Markdown.

    Args:
        recipe: Recipe of the model, with the sentences of the card.
        entry: Registry entry of the model.
        figures: Measured figures, as release() writes them.
    """
    return CARD.format(
        title=entry.title,
        warning=f"**{recipe.warning}**\n\n" if recipe.warning else "",
        notice=NOTICE,
        id=entry.id,
        findings=", ".join(entry.findings),
        resamples=RESAMPLES,
        trained_on=entry.trained_on,
        licence=entry.licence,
        architecture=f"{entry.architecture}, input {entry.input_size} x {entry.input_size} px, "
        f"normalization `{entry.normalization}`"
        if entry.architecture
        else "mean of the calibrated logits of its members",
        layer=f"`{entry.target_layer}`" if entry.target_layer else "those of its members",
        weights=f"`{entry.weights}`" if entry.weights else f"those of {', '.join(entry.members)}",
        sha256=entry.sha256,
        figures=_table(_columns(recipe, figures)),
        findings_table=_findings(figures["test"]) if len(entry.findings) > 2 else _point(recipe, entry),
        readings=readings_section(entry.id, figures),
        external=external_section(entry.id, figures),
        boxes=_boxes(figures["test"]) if "subsets" in figures["test"] else "",
        certainty=_certainty(entry, figures),
        gate=gate_section(figures["gate"]) if "gate" in figures else "",
        lesions=lesions_section(figures["lesions"]) if "lesions" in figures else "",
        training=_training(recipe, figures),
        choices="\n".join(f"- {line}" for line in recipe.choices),
        ablation=ablation_section(entry, figures["ablation"]) if "ablation" in figures else "",
        weaknesses="\n".join(f"- {line}" for line in recipe.weaknesses),
    )


def _columns(recipe: Recipe, figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Figures by column heading."""
    columns = {"validation": figures["validation"], "test": figures["test"]}
    named = collections(recipe, figures)
    parts = variants(recipe, figures) | named
    columns |= {name if name == UNSEEN else f"test, {name}": column for name, column in parts.items()}
    columns |= {f"{name} (not trained on)": part for name, part in external(figures).items()}
    largest = max(figures["test"].get("sources", {}).items(), key=lambda source: source[1]["n"], default=None)
    if largest and recipe.activation == "sigmoid" and not named:
        columns[f"test, {largest[0]} only"] = largest[1]
    return columns


def collections(recipe: Recipe, figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the test figures of the collections that a recipe names, and of their parts."""
    names = tuple({source.collection for source in recipe.sources} - {""})
    sources = figures["test"].get("sources", {})
    return {name: column for name, column in sources.items() if name.startswith(names)} if names else {}


def variants(recipe: Recipe, figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the figures of unseen collections and of changed test films, as far as they were measured."""
    names = {
        "other_source": UNSEEN,
        "shrunk": f"shrunk to {recipe.shrunk_to} px",
        "without_markers": "markers removed",
    }
    return {name: figures[kept] for kept, name in names.items() if kept in figures}


def _table(columns: dict[str, dict[str, Any]]) -> str:
    def films(column: dict[str, Any]) -> str:
        return f"{column['n']} ({column['patients']})" if "patients" in column else str(column["n"])

    lines = [
        f"| | {' | '.join(columns)} |",
        "|---" * (len(columns) + 1) + "|",
        f"| films (patients) | {' | '.join(map(films, columns.values()))} |",
    ]
    for name in columns["test"]["metrics"]:
        values = [
            str(Estimate(**column["metrics"][name])) if name in column["metrics"] else "-"
            for column in columns.values()
        ]
        lines.append(f"| {name} | {' | '.join(values)} |")
    return "\n".join(lines)


def _findings(test: dict[str, Any]) -> str:
    lines = [
        "\n### Test films by finding\n",
        "| finding | positive films | AUROC | operating point | sensitivity | specificity | ECE |",
        "|---|---|---|---|---|---|---|",
    ]
    for finding, figures in test["findings"].items():
        metrics = {name: Estimate(**value) for name, value in figures["metrics"].items()}
        lines.append(
            f"| {finding} | {figures['positives']} of {figures['n']} | {metrics['auroc']} | "
            f"{figures['threshold']:g} | "
            f"{metrics['sensitivity']} | {metrics['specificity']} | {metrics['ece']} |"
        )
    return "\n".join(lines) + "\n"


def _point(recipe: Recipe, entry: ModelEntry) -> str:
    if recipe.target_sensitivity:
        rule = f"highest at which validation sensitivity is at least {recipe.target_sensitivity:.0%}"
    elif recipe.target_specificity:
        rule = f"lowest from 0.5 at which validation specificity is at least {recipe.target_specificity:.0%}"
    else:
        return ""
    return (
        f"\nOperating point of {entry.findings[-1]}: calibrated probability {entry.thresholds[-1]:g}, the "
        f"{rule}. It was fixed before any test film was evaluated.\n"
    )


def _boxes(test: dict[str, Any]) -> str:
    """Mean average precision by group of films, with the definition of the box figures."""
    names = ("map50", "map50_95", "box_recall", "auroc")
    rows = {f"all, {test['n']} films": test["metrics"]}
    rows |= {
        f"{name}, {subset['n']} films, {subset['marks']} boxes": subset["metrics"]
        for name, subset in test["subsets"].items()
    }
    cells = [["", *names], ["---"] * (1 + len(names))]
    cells += [
        [group, *(str(Estimate(**metrics[name])) if name in metrics else "-" for name in names)]
        for group, metrics in rows.items()
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in cells)
    return (
        f"\n### Boxes on test films\n\n{table}\n\n"
        "Computed as in Ultralytics; precision and recall at the confidence where their harmonic mean is "
        "highest on these films. The other figures are those of whole films. The groups without hardware and "
        "the column of films with markers removed show whether hardware, resolution or markers reveal a "
        "fracture (`python -m xray evaluate "
        f"{test['model']} --split test --without-markers`).\n"
    )


def _certainty(entry: ModelEntry, figures: dict[str, Any]) -> str:
    name = next(name for name in figures["test"]["metrics"] if name.endswith("ece"))
    before, after = (
        Estimate(**metrics[name])
        for metrics in (figures["validation_uncalibrated"], figures["validation"]["metrics"])
    )
    fit = "temperature scaling" if entry.activation == "softmax" else "Platt scaling per finding"
    at_half = "" if entry.activation == "softmax" else " (called from 50%, not from the operating point)"
    intervals, test = figures["intervals"], figures["test"]
    compared = "; ".join(
        f"{way}, widened by {intervals[way]['widening']:g}, covers {intervals[way]['validation']:.1%} on "
        f"validation (mean width {intervals[way]['width']:.3f})"
        for way in ("augmentation", "dropout")
        if way in intervals
    )
    lines = [
        f"- Calibration ({fit}), fitted on validation: {name} {before} before and {after} after on "
        f"validation; {Estimate(**test['metrics'][name])} on test.",
        "- Intervals (range of the probability under small changes of the film, such as a repeated "
        f"exposure): {compared}. Chosen: {intervals['chosen']}. Coverage on test: {intervals['test']:.1%}, "
        f"target {intervals['target']:.0%}.",
    ]
    if test["conformal"]:
        coverage = "; ".join(
            f"{name} {Estimate(**value)}" for name, value in test["conformal"]["coverage"].items()
        )
        lines.append(
            f"- Prediction sets (class-conditional conformal, target {test['conformal']['target']:.0%} per "
            f"class), coverage on test: {coverage}. Undecided: {test['conformal']['cannot_tell']:.1%}."
        )
    risk = dict(zip(test["risk_coverage"]["coverage"], test["risk_coverage"]["risk"], strict=True))
    rates = ", ".join(f"{risk[share]:.1%} at {share:.0%} coverage" for share in (0.25, 0.5, 0.75, 1.0))
    lines.append(f"- Risk-coverage on test, error rate of the most confident predictions{at_half}: {rates}.")
    return "\n".join(lines)


def _training(recipe: Recipe, figures: dict[str, Any]) -> str:
    if recipe.members:
        members = ", ".join(f"`{member}`" for member in recipe.members)
        return (
            f"`python -m xray train {recipe.name}`: the mean of the calibrated logits of {members}, "
            f"calibrated again on {figures['validation']['n']} validation films."
        )
    epochs = [epoch["stage"] for epoch in figures["epochs"]]
    stages = ", ".join(
        f"{stage.name} ({epochs.count(stage.name)} epochs, learning rate {stage.learning_rate:g})"
        for stage in recipe.stages
    )
    helpers = figures["helping_films"]
    return (
        f"`python -m xray train {recipe.name}`: {figures['learning_films']} training films"
        f"{f', {helpers} helper films' if helpers else ''} and {figures['validation']['n']} validation "
        f"films, split by patient (seed {recipe.seed}); test films were not used. Stages: {stages}. "
        f"{round(figures['seconds'] / 60)} minutes on {figures['machine']}."
    )
