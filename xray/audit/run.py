"""Question a classifier about films, then let every check judge what it said."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch

from xray.audit.answers import Answers, FilmAnswers, Values
from xray.audit.controls import controls
from xray.audit.inputs import fault_of, is_flat
from xray.audit.registry import CHECKS, Result
from xray.audit.sensitivity import CHANGES
from xray.errors import UnusableData
from xray.models.classifier import Classifier, resize
from xray.types import Radiograph

Labels = frozenset[str] | None


def audit(
    classifier: Classifier, radiographs: Iterable[Radiograph], labels: Iterable[Labels] | None = None
) -> list[Result]:
    """One result per registered check. labels: per film the findings it has, as the model spells them.

    Raises UnusableData without a film.
    """
    if labels is None:
        return judge(classifier, [ask(classifier, radiograph) for radiograph in radiographs])
    pairs = zip(radiographs, labels, strict=True)
    return judge(classifier, [ask(classifier, radiograph, known) for radiograph, known in pairs])


def ask(classifier: Classifier, radiograph: Radiograph, labels: Labels = None) -> FilmAnswers:
    """Everything the checks want to know about one film, in some ten forward passes."""
    entry = classifier.entry
    film = resize(torch.from_numpy(radiograph.pixels.copy())[None, None], entry.input_size)
    batch, _ = classifier.prepare(radiograph)
    logits = classifier.logits(radiograph)
    changed = {
        name: np.concatenate(
            [
                _probabilities(classifier, replace(radiograph, pixels=pixels))
                for pixels in change(radiograph.pixels, entry.input_size)
            ]
        )
        for name, change in CHANGES.items()
    }
    return FilmAnswers(
        sha256=radiograph.sha256,
        input_sha256=hashlib.sha256(batch.float().cpu().contiguous().numpy().tobytes()).hexdigest(),
        flat=is_flat(film),
        labels=labels,
        input_fault=fault_of(batch, film, entry.normalization),
        logits=logits[0].float().cpu().numpy(),
        again=classifier.logits(radiograph)[0].float().cpu().numpy(),
        probabilities=classifier.probabilities(logits)[0].numpy(),
        changed=changed,
    )


def judge(classifier: Classifier, asked: Sequence[FilmAnswers]) -> list[Result]:
    """Every check's result on what was said of films; a film given twice counts once. Raises UnusableData."""
    if not asked:
        raise UnusableData("There is no film to audit the model with.", hint="Give at least one radiograph.")
    logits = [classifier.logits(control) for control in controls(classifier.entry.input_size)]
    answers = Answers(
        entry=classifier.entry,
        films=tuple({film.sha256: film for film in asked}.values()),
        control_logits=np.concatenate([one.float().cpu().numpy() for one in logits]),
        control_probabilities=np.concatenate([classifier.probabilities(one).numpy() for one in logits]),
    )
    return [check.result(answers) for check in CHECKS.values()]


def _probabilities(classifier: Classifier, radiograph: Radiograph) -> Values:
    return classifier.probabilities(classifier.logits(radiograph)).numpy()
