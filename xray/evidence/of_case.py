"""Every check put to the map of a Case's finding: what a page, the terminal and the API ask alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from xray.evidence.context import Box, subject
from xray.evidence.limits import limits_of
from xray.evidence.run import checks
from xray.explain import METHODS
from xray.models.fallback import load_with_fallback
from xray.types import Case, Check


def checks_of(
    case: Case, by: str, finding: str, boxes: Sequence[Box] = (), shared: dict[str, Any] | None = None
) -> Iterator[Check]:
    """Checks as they are done, of the map that a method makes, against the limits of the model that answered.

    boxes, shared: see subject. Raises InvalidRequest.
    """
    model = load_with_fallback(case.prediction.model_id)[0]
    limits = limits_of(model.entry, by)
    yield from checks(subject(model, case.radiograph, METHODS[by], finding, boxes, limits, shared))
