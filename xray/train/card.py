"""The model card: what was trained on what, the figures with their command, and what the model cannot do."""

from __future__ import annotations

from typing import Any

from xray import NOTICE
from xray.models.registry import ModelEntry
from xray.train.metrics import RESAMPLES, Estimate
from xray.train.recipes import Recipe

CARD = """# {title}

{notice}

| | |
|---|---|
| id | `{id}` |
| findings | {findings} |
| trained on | {trained_on} |
| licence | {licence} |
| architecture | {architecture}, input {size} x {size} px, normalization `{normalization}` |
| target layer of the heatmaps | `{layer}` |
| weights | `{weights}`, sha256 `{sha256}` |

## Figures

| | validation | test |
|---|---|---|
| films (patients) | {n_validation} | {n_test} |
| with {finding} | {positives_validation} | {positives_test} |
{rows}

Value (95% confidence interval, bootstrap over patients, {resamples} resamples). Command for the test column:
`python -m xray evaluate {id} --data DIR --split test --json`.

- Operating point of {finding}: calibrated probability {threshold:g}, the highest at which validation
  sensitivity is at least {sensitivity:.0%}. Set before any test film was measured.
- Calibration: logits divided by {temperature:g} (temperature scaling, fitted on validation). Expected
  calibration error on validation {ece_before} before, {ece_after} after.

## Training

`python -m xray train {id}`: {learning} films for learning, {held_out} for validation, split by patient
(seed {seed}); test films never used. Stages: {stages}. {minutes} minutes on {machine}.

{choices}

## Known weaknesses

{weaknesses}
"""


def card(recipe: Recipe, entry: ModelEntry, figures: dict[str, Any]) -> str:
    """The card as Markdown, every number from the figures given."""
    validation, test = figures["validation"], figures["test"]
    rows = [
        f"| {name} | {Estimate(**validation['metrics'][name])} | {Estimate(**value)} |"
        for name, value in test["metrics"].items()
    ]
    stages = [
        f"{stage.name} ({stage.epochs} epochs, learning rate {stage.learning_rate:g})"
        for stage in recipe.stages
    ]
    return CARD.format(
        title=entry.title,
        notice=NOTICE,
        id=entry.id,
        findings=", ".join(entry.findings),
        finding=entry.findings[-1],
        resamples=RESAMPLES,
        trained_on=entry.trained_on,
        licence=entry.licence,
        architecture=entry.architecture,
        size=entry.input_size,
        normalization=entry.normalization,
        layer=entry.target_layer,
        weights=entry.weights,
        sha256=entry.sha256,
        n_validation=f"{validation['n']} ({validation['patients']})",
        n_test=f"{test['n']} ({test['patients']})",
        positives_validation=validation["positives"],
        positives_test=test["positives"],
        rows="\n".join(rows),
        threshold=entry.thresholds[-1],
        sensitivity=recipe.target_sensitivity,
        temperature=entry.temperature,
        ece_before=Estimate(**figures["validation_uncalibrated"]["metrics"]["ece"]),
        ece_after=Estimate(**validation["metrics"]["ece"]),
        learning=figures["learning_films"],
        held_out=validation["n"],
        seed=recipe.seed,
        stages=", ".join(stages),
        minutes=round(figures["seconds"] / 60),
        machine=figures["machine"],
        choices="\n".join(f"- {line}" for line in recipe.choices),
        weaknesses="\n".join(f"- {line}" for line in recipe.weaknesses),
    )
