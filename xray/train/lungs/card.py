"""Model card of the lung network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xray import NOTICE
from xray.models.lungs import LUNGS
from xray.models.registry import segmentation_entry
from xray.train.bootstrap import RESAMPLES, Estimate
from xray.train.external_table import table_rows
from xray.train.lungs.fit import BATCH, CYCLES, SEED, STEPS

CARD = """# {title}

{notice}

| | |
|---|---|
| id | `{id}` |
| output | probability of the lung on the left of the image, and of the other, at every pixel |
| trained on | {trained_on} |
| licence | {licence} |
| architecture | {architecture}, input {size} x {size} px, normalization `film` |
| weights | `{weights}`, sha256 `{sha256}` |

The lungs are determined if both are found as one part each, with a plausible size and position and a sure
border (see `xray/imaging/lungs.py`). Sides are those of the patient on an upright frontal film in the usual
display: the right lung is on the left of the image.

## Figures

| | validation | test |
|---|---|---|
{accuracy}

Dice coefficient and IoU of both lungs together, per film at 320 x 320 px, mean with 95% confidence interval
(bootstrap over patients, {resamples} resamples); the share of the films whose lungs are determined. Command:
`python -m xray lungs-figures --json`.

Films without masks, and films without lungs:

| films | n | lungs undetermined |
|---|---|---|
{elsewhere}

The films of these collections were not used in training, except that films without lungs of other collections
were. 95% intervals after Wilson.

## Training

`python -m xray train-lungs`: {learning} films of Montgomery County, {simulated} simulated chests with their
lungs, and {empty} films of other body regions and pictures without lungs. {validation} other films of
Montgomery County were used for validation and {test} for test, split by patient (seed {seed}). The epoch
was chosen by the Dice coefficient on validation films, nothing on test films. {cycles} epochs of
{steps} steps of {batch} films, AdamW, moving average of the weights. {minutes} minutes on {machine}.

- Films are rotated, zoomed, cropped, stretched, mirrored, re-exposed and blurred, reduced down to 64 px, and
  get letters, wires and black borders in training.
- Opacities and effusions are painted into the lungs, and random places are hidden, without a change of the
  masks: a consolidated lung counts as lung.
- Heart, mediastinum and the lung behind the diaphragm are outside the masks, as in the Montgomery masks.

## Known weaknesses

- All masks are of adults from one hospital; other collections have no masks here, so their figures only state
  how often the lungs are determined, not how accurate they are.
- A lung without air next to the diaphragm (a large effusion) can be cut off at the level of the fluid.
- Lateral films have no left and right lung; they are not recognized as lateral.

## Sources

The Montgomery County chest X-ray set was created by the National Library of Medicine, National Institutes of
Health, Bethesda, MD, USA in collaboration with the Department of Health and Human Services, Montgomery
County, Maryland, USA.

- Jaeger et al. 2014: Automatic tuberculosis screening using chest radiographs. IEEE Transactions on Medical
  Imaging 33(2):233-245.
- Candemir et al. 2014: Lung segmentation in chest radiographs using anatomical atlases with nonrigid
  registration. IEEE Transactions on Medical Imaging 33(2):577-590.
"""


def card(figures: Mapping[str, Any]) -> str:
    """Return the model card as Markdown.

    Args:
        figures: As release() writes them.

    Raises:
        ModelUnavailable: If the network is not registered.
    """
    entry = segmentation_entry(LUNGS)
    columns = [figures["validation"], figures["test"]]
    rows = [["films (patients)", *(f"{column['n']} ({column['patients']})" for column in columns)]]
    rows += [
        [name, *(str(Estimate(**column["metrics"][name])) for column in columns)]
        for name in columns[0]["metrics"]
    ]
    elsewhere = [
        [row["films"], str(row["n"]), "{undetermined:.3f} ({low:.3f} to {high:.3f})".format(**row)]
        for row in figures["elsewhere"]
    ]
    films = figures["films"]
    return CARD.format(
        notice=NOTICE,
        title=entry.title,
        id=entry.id,
        trained_on=entry.trained_on,
        licence=entry.licence,
        architecture=entry.architecture,
        size=entry.input_size,
        weights=entry.weights,
        sha256=entry.sha256,
        accuracy=table_rows(rows),
        elsewhere=table_rows(elsewhere),
        resamples=RESAMPLES,
        learning=films["masked"],
        simulated=films["simulated"],
        empty=films["empty"],
        validation=figures["validation"]["n"],
        test=figures["test"]["n"],
        seed=SEED,
        cycles=" and ".join(f"{one.epochs} (one cycle up to {one.learning_rate:g})" for one in CYCLES),
        steps=STEPS,
        batch=BATCH,
        minutes=round(figures["seconds"] / 60),
        machine=figures["machine"],
    )
