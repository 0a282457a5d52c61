"""One analyzed radiograph."""

from __future__ import annotations

from dataclasses import dataclass

from xray.errors import InvalidRequest
from xray.types.answer import Answer, answer_of
from xray.types.explanation import Explanation
from xray.types.lungs import Lungs
from xray.types.prediction import Detections, Prediction
from xray.types.radiograph import GateResult, Radiograph


@dataclass(frozen=True, eq=False)
class Case:
    """One analyzed radiograph.

    Attributes:
        radiograph: The film.
        prediction: Output of the model.
        explanations: One map per explained finding; empty without a method.
        gate: Result of the input gate; a refused film is analyzed only on request.
        fallback: Which model replaces the requested model and why, or empty.
        organ: The body region as an organ, or empty.
        detections: All candidate boxes of a detector; None for other models.
        lungs: The lungs on an explained film of a chest model; None for other Cases.
    """

    radiograph: Radiograph
    prediction: Prediction
    explanations: tuple[Explanation, ...]
    gate: GateResult
    fallback: str = ""
    organ: str = ""
    detections: Detections | None = None
    lungs: Lungs | None = None

    @property
    def answer(self) -> Answer:
        """What the model calls, and how certain that is."""
        return answer_of(self.prediction, self.gate)

    def explanation(self, finding: str) -> Explanation:
        """Return the map of a finding.

        Raises:
            InvalidRequest: The Case has no map of this finding.
        """
        for explanation in self.explanations:
            if explanation.finding == finding:
                return explanation
        explained = ", ".join(explanation.finding for explanation in self.explanations) or "none"
        raise InvalidRequest(f"There is no map of {finding!r} in this case.", hint=f"There are: {explained}.")
