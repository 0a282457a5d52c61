"""Runs the checks of one explanation, each with its verdict and its duration."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence

from xray.evidence.context import Box, CheckContext, FilmContext, Reading, check_context
from xray.evidence.limits import limits_of
from xray.evidence.registry import CHECKS, by_limit, random_value
from xray.models.ensemble import model_of
from xray.types import Case, Check, Explanation, Verdict


def checks_of(
    case: Case,
    explanation: Explanation,
    boxes: Sequence[Box] = (),
    film: FilmContext | None = None,
    names: Iterable[str] = (),
) -> Iterator[Check]:
    """Run checks of an explanation of a Case, against the limits of the model that made it.

    Args:
        case: The Case that the explanation belongs to.
        explanation: The map to check, as it is shown.
        boxes: Where the finding is, as (left, top, right, bottom) in source pixels.
        film: See check_context.
        names: Names of the checks; by default all.

    Raises:
        ModelUnavailable: The model is not available with the weights that made the prediction.
        InvalidRequest: The explanation was made by other weights.
    """
    model = model_of(case.prediction)
    limits = limits_of(explanation)
    return checks(check_context(model, case.radiograph, explanation, boxes, limits, film), names)


def checks(context: CheckContext, names: Iterable[str] = ()) -> Iterator[Check]:
    """Run checks one after another, by default all."""
    for name in names or CHECKS:
        yield check(context, name)


def check(context: CheckContext, name: str) -> Check:
    """Run one check. Raises InvalidRequest for an unknown name."""
    question, began = CHECKS[name], time.perf_counter()
    baseline = centered = math.nan
    verdict: Verdict = "cannot be judged"
    missing = context.without_evidence(context.candidate)
    if question.remakes:
        missing = missing or context.method.refusal(context.film.model)
    reading = Reading(math.nan, missing) if missing else question.measure(context, context.candidate)
    why, limit = reading.missing, context.limits.get(name)
    if not reading.missing:
        if question.decide:
            baseline = random_value(question.measure, context)
            centered = question.measure(context, context.film.centered_map).value
            verdict, reason = question.decide(reading, limit.value if limit else None)
        else:
            verdict, reason = by_limit(question, reading.value, limit)
            baseline, centered = (limit.median, limit.centered) if limit else (math.nan, math.nan)
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
        curves=reading.curves,
        maps=reading.maps,
    )
