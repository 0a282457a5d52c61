"""The statement about a film: which finding the model calls, and how certain that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from xray.types.prediction import Prediction
from xray.types.radiograph import GateResult

Certainty = Literal["certain", "uncertain", "not measured"]
FEW = 3  # names in a list; of more, the last ones are counted
CONFIDENCE = (("high", 0.9), ("good", 0.7), ("moderate", 0.5), ("low", 0.0))  # name, lowest probability


@dataclass(frozen=True)
class Answer:
    """The answer of a model, from operating points, prediction set, intervals and input gate together.

    Attributes:
        finding: The called finding with the highest margin (probability minus operating point); the most
            likely finding if none is called.
        called: Findings at or above their operating points, the highest margin first.
        probability: Of `finding`, in [0, 1].
        operating_point: Of `finding`, in [0, 1].
        assessed: Number of findings that the model reports.
        reasons: Why the answer is uncertain, each a clause; empty otherwise.
        certainty: `uncertain` with reasons; without, `certain` for a model with calibrated prediction sets
            and `not measured` for others.
    """

    finding: str
    called: tuple[str, ...]
    probability: float
    operating_point: float
    assessed: int
    reasons: tuple[str, ...]
    certainty: Certainty

    @property
    def confidence(self) -> str:
        """`high`, `good`, `moderate` or `low` if a finding is called with certainty; otherwise empty."""
        if not self.called or self.certainty != "certain":
            return ""
        shown = round(self.probability, 3)  # as in the statement
        return next(name for name, lowest in CONFIDENCE if shown >= lowest)

    @property
    def call(self) -> str:
        """The called findings in a few words, for tables: `Pneumonia`, `Mass and Nodule` or `none`."""
        return _few(self.called) if self.called else "none"

    @property
    def certainty_text(self) -> str:
        """The certainty with its reasons, as the end of a sentence."""
        if self.reasons:
            return f"uncertain: {'; '.join(self.reasons)}"
        if self.certainty == "not measured":
            return "certainty not measured: the model has no calibrated prediction sets"
        if self.confidence:
            return f"{self.confidence} confidence"
        return "all findings are ruled out" if self.assessed > 1 else f"{self.finding} is ruled out"

    @property
    def statement(self) -> str:
        """Call and certainty in one sentence."""
        link = " with " if self.confidence else ", but " if self.reasons else "; "
        others = f"; also calls {_few(self.called[1:])}" if len(self.called) > 1 else ""
        return f"{self.call_text}{link}{self.certainty_text}{others}."

    @property
    def call_text(self) -> str:
        """The call with probability and operating point, as the start of a sentence."""
        values = f"({percent(self.probability)}, operating point {percent(self.operating_point)})"
        if self.called:
            return f"Calls {self.finding} {values}"
        if self.assessed == 1:
            return f"Does not call {self.finding} {values}"
        return f"Calls no finding; the most likely is {self.finding} {values}"


def answer_of(prediction: Prediction, gate: GateResult | None = None) -> Answer:
    """Combine call, prediction set and intervals of a prediction into one answer.

    Args:
        prediction: The prediction.
        gate: Result of the input gate. No answer is certain about a film that it refused, or that is unlike
            all films that it compared.
    """
    index = {finding: number for number, finding in enumerate(prediction.findings)}
    margins = prediction.probabilities - prediction.thresholds
    called = sorted(
        filter(prediction.at_operating_point, prediction.findings), key=lambda name: -margins[index[name]]
    )
    finding = called[0] if called else prediction.most_likely
    doubt = gate.doubt if gate else ""
    reasons = (*filter(None, [doubt]), *_open(prediction, called), *_crossing(prediction, called))
    certainty: Certainty = "certain" if prediction.present is not None else "not measured"
    return Answer(
        finding=finding,
        called=tuple(called),
        probability=float(prediction.probabilities[index[finding]]),
        operating_point=float(prediction.thresholds[index[finding]]),
        assessed=len(index),
        reasons=reasons,
        certainty="uncertain" if reasons else certainty,
    )


def _open(prediction: Prediction, called: Sequence[str]) -> list[str]:
    """What the prediction set leaves open about the first call or, without a call, about all findings."""
    if prediction.present is None:
        return []
    possible = prediction.prediction_set
    if prediction.is_exclusive:
        if called and possible and called[0] not in possible:
            return [f"the prediction set contains {_few(possible)} instead"]
        others = [finding for finding in possible if finding not in called[:1]]
        return _undecided(others, [] if possible else ["all findings"])
    if not called:
        undecided = [finding for finding in prediction.findings if prediction.answer(finding) != "absent"]
        left = [finding for finding in undecided if finding in possible]
        return _undecided(left, [finding for finding in undecided if finding not in possible])
    answer = prediction.answer(called[0])
    if answer == "absent":
        return [f"the prediction set rules out {called[0]}"]
    if answer == "cannot tell" and called[0] in possible:
        return _undecided([f"the absence of {called[0]}"], [])
    return _undecided([], [] if answer == "present" else called[:1])


def _undecided(left: Sequence[str], empty: Sequence[str]) -> list[str]:
    """Clauses on what cannot be ruled out, and on findings of which both answers are ruled out."""
    clauses = [f"{_few(left)} cannot be ruled out"] if left else []
    return clauses + ([f"the prediction set of {_few(empty)} is empty"] if empty else [])


def _crossing(prediction: Prediction, called: Sequence[str]) -> list[str]:
    """Whether an interval reaches across the operating point of the first call, or of any other finding."""
    if prediction.intervals is None:
        return []
    low, high = prediction.intervals.T
    if called:
        first = prediction.findings.index(called[0])
        if low[first] >= prediction.thresholds[first]:
            return []
        lowest = percent(float(low[first]))
        return [f"small changes of the film lower it to {lowest}, below the operating point"]
    crossing = [
        name
        for name, bound, point in zip(prediction.findings, high, prediction.thresholds, strict=True)
        if bound >= point
    ]
    return [f"small changes of the film raise {_few(crossing)} to the operating point"] if crossing else []


def percent(probability: float) -> str:
    """Format a probability as a percentage with one decimal, or more where that would give 0 or 100%."""
    digits = next((n for n in range(1, 8) if 0 < float(f"{probability:.{n + 2}f}") < 1), 1)
    return f"{probability:.{digits}%}"


def percent_range(low: float, high: float) -> str:
    """Format an interval of a probability, as in "79.2% to 89.1%"."""
    return f"{percent(low)} to {percent(high)}"


def listed(names: Sequence[str]) -> str:
    """Join names as in "A", "A and B" or "A, B and C"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _few(names: Sequence[str]) -> str:
    """Join names as `listed`; of more than FEW, the last ones are counted: "A, B and 4 more"."""
    if len(names) > FEW:
        names = [*names[: FEW - 1], f"{len(names) - FEW + 1} more"]
    return listed(names)
