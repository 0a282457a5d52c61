"""Every check put to one explanation, one after the other, each with its verdict and the time it took."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator

import numpy as np

from xray.evidence.context import Subject
from xray.evidence.registry import CHECKS, Reading, baseline_of, random_readings
from xray.types import Check, Pixels, Verdict


def checks(subject: Subject, names: Iterable[str] = ()) -> Iterator[Check]:
    """Checks as they are done; by default all that are registered."""
    for name in names or CHECKS:
        yield check(subject, name)


def check(subject: Subject, name: str) -> Check:
    question, began = CHECKS[name], time.perf_counter()
    baseline = centered = math.nan
    random: list[Reading] = []
    verdict: Verdict = "cannot be judged"
    silence = subject.silence(subject.own)
    own = Reading(math.nan, silence) if silence else question.measure(subject, subject.own)
    why = own.missing
    if not own.missing:
        random = random_readings(name, question.measure, subject)
        baseline = baseline_of(name, question.measure, subject)
        centered = question.measure(subject, subject.centered).value
        verdict, told = question.judge(own, baseline, subject.limits.get(name))
        said = question.sentence.format(value=own.value, baseline=baseline, centered=centered)
        why = f"{said} {told}"
    return Check(
        name=name,
        value=own.value,
        baseline=baseline,
        centered=centered,
        verdict=verdict,
        why=why,
        seconds=time.perf_counter() - began,
        details=own.details,
        curves=beside(own, random),
        maps=own.maps,
    )


def beside(own: Reading, random: list[Reading]) -> dict[str, Pixels]:
    """A single curve with the mean of those of random maps beside it; several as they are."""
    if len(own.curves) != 1 or not random:
        return dict(own.curves)
    (name,) = own.curves
    return dict(own.curves) | {"random maps": np.mean([one.curves[name] for one in random], axis=0)}
