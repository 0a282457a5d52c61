"""Run a classifier on films and controls, and apply every audit check to its predictions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from xray.audit.controls import controls
from xray.audit.inputs import fault_of, is_flat
from xray.audit.registry import CHECKS, Result
from xray.audit.responses import Answers, FilmAnswers, Values
from xray.audit.sensitivity import CHANGES
from xray.errors import UnusableData
from xray.models.predictor import Predictor
from xray.types import Radiograph

Labels = frozenset[str] | None


def audit(
    model: Predictor, radiographs: Iterable[Radiograph], labels: Iterable[Labels] | None = None
) -> list[Result]:
    """One result per registered check. labels: per film the findings it has, as the model spells them.

    Raises UnusableData without a film.
    """
    if labels is None:
        return judge(model, [ask(model, radiograph) for radiograph in radiographs])
    pairs = zip(radiographs, labels, strict=True)
    return judge(model, [ask(model, radiograph, known) for radiograph, known in pairs])


def ask(model: Predictor, radiograph: Radiograph, labels: Labels = None) -> FilmAnswers:
    """Everything the checks want to know about one film, in some ten forward passes.

    Of an ensemble the input of every member is looked at, its answers are those of all together.
    """
    side = max(member.entry.input_size for member in model.members)
    films = [member.film(radiograph).cpu() for member in model.members]
    batches = [member.prepare(radiograph)[0].float().cpu().contiguous() for member in model.members]
    faults = [
        fault_of(batch, film, member.entry.normalization)
        for member, film, batch in zip(model.members, films, batches, strict=True)
    ]
    logits = model.logits(radiograph)
    changed = {
        name: np.concatenate(
            [
                _probabilities(model, replace(radiograph, pixels=pixels))
                for pixels in change(radiograph.pixels, side)
            ]
        )
        for name, change in CHANGES.items()
    }
    return FilmAnswers(
        sha256=radiograph.sha256,
        inputs=tuple(hashlib.sha256(batch.numpy().tobytes()).hexdigest() for batch in batches),
        flat=all(is_flat(film) for film in films),
        labels=labels,
        input_fault=next(filter(None, faults), ""),
        logits=logits[0].float().cpu().numpy(),
        again=model.logits(radiograph)[0].float().cpu().numpy(),
        probabilities=model.probabilities(logits)[0].numpy(),
        changed=changed,
    )


def judge(model: Predictor, asked: Sequence[FilmAnswers]) -> list[Result]:
    """Every check's result on what was said of films; a film given twice counts once. Raises UnusableData."""
    if not asked:
        raise UnusableData("There is no film to audit the model with.", hint="Give at least one radiograph.")
    side = max(member.entry.input_size for member in model.members)
    logits = [model.logits(control) for control in controls(side)]
    answers = Answers(
        entry=model.entry,
        films=tuple({film.sha256: film for film in asked}.values()),
        control_logits=np.concatenate([one.float().cpu().numpy() for one in logits]),
        control_probabilities=np.concatenate([model.probabilities(one).numpy() for one in logits]),
    )
    return [check.result(answers) for check in CHECKS.values()]


def _probabilities(model: Predictor, radiograph: Radiograph) -> Values:
    return model.probabilities(model.logits(radiograph)).numpy()
