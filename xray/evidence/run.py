"""Runs the checks of one explanation, each with its verdict and its duration."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from xray.evidence.context import Box, CheckContext, FilmContext, Reading, check_context
from xray.evidence.limits import limits_of
from xray.evidence.registry import CHECKS, baseline_of, random_readings
from xray.models.ensemble import model_of
from xray.types import Case, Check, Explanation, Pixels, Verdict


def checks_of(
    case: Case, explanation: Explanation, boxes: Sequence[Box] = (), film: FilmContext | None = None
) -> Iterator[Check]:
    """Run every check of an explanation of a Case, against the limits of the model that made it.

    Args:
        case: The Case that the explanation belongs to.
        explanation: The map to check, as it is shown.
        boxes: Where the finding is, as (left, top, right, bottom) in source pixels.
        film: See check_context.

    Raises:
        ModelUnavailable: The model is not available with the weights that made the prediction.
        InvalidRequest: The explanation was made by other weights.
    """
    model = model_of(case.prediction)
    limits = limits_of(model.entry, explanation.method)
    return checks(check_context(model, case.radiograph, explanation, boxes, limits, film))


def checks(context: CheckContext, names: Iterable[str] = ()) -> Iterator[Check]:
    """Run checks one after another, by default all."""
    for name in names or CHECKS:
        yield check(context, name)


def check(context: CheckContext, name: str) -> Check:
    """Run one check. Raises InvalidRequest for an unknown name."""
    question, began = CHECKS[name], time.perf_counter()
    baseline = centered = math.nan
    random: list[Reading] = []
    verdict: Verdict = "cannot be judged"
    missing = context.without_evidence(context.candidate)
    reading = Reading(math.nan, missing) if missing else question.measure(context, context.candidate)
    why = reading.missing
    if not reading.missing:
        random = random_readings(name, question.measure, context)
        baseline = baseline_of(name, question.measure, context)
        centered = question.measure(context, context.film.centered_map).value
        verdict, reason = question.decide(reading, baseline, context.limits.get(name))
        measured = question.sentence.format(value=reading.value, baseline=baseline, centered=centered)
        why = f"{measured} {reason} {reading.note}".rstrip()
    return Check(
        name=name,
        value=reading.value,
        baseline=baseline,
        centered=centered,
        verdict=verdict,
        why=why,
        seconds=time.perf_counter() - began,
        details=reading.details,
        curves=_with_random(reading, random),
        maps=reading.maps,
    )


def _with_random(reading: Reading, random: list[Reading]) -> dict[str, Pixels]:
    """Add the mean curve of random maps to a single curve; several curves stay as they are."""
    if len(reading.curves) != 1 or not random:
        return dict(reading.curves)
    (name,) = reading.curves
    return dict(reading.curves) | {"random maps": np.mean([other.curves[name] for other in random], axis=0)}
