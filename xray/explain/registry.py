"""The explanation methods by name, each with its paper, its cost, what its values mean and what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from torch import Tensor

from xray.explain.capture import Trace, trace
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble
from xray.registry import Registry

Cost = Literal["one pass", "tens of passes", "hundreds of passes"]
Tell = Callable[[float], None]  # is told the share that is done, in [0, 1]; what it raises ends the work


def untold(_share: float) -> None:
    pass


@dataclass(frozen=True, eq=False)
class Asked:
    """A network, a film prepared for it (1, 3, h, w), the indices of the findings to explain (n)."""

    classifier: Classifier
    batch: Tensor
    findings: Sequence[int]
    tell: Tell = untold

    @cached_property
    def traced(self) -> Trace:
        with self.classifier.lock:
            return trace(self.classifier.module, self.classifier.target_layer, self.batch)


Combine = Callable[[Tensor, Tensor], Tensor]
Explain = Callable[[Asked], Tensor]


@dataclass(frozen=True)
class Method:
    """explain: raw maps (n, h, w), signed where the method is. values: what a value says, for a reader.

    on_film: the map has the film's grid, not the target layer's. unfit: why a network cannot be explained
    this way, empty where it can.
    """

    name: str
    title: str
    paper: str
    cost: Cost
    values: str
    explain: Explain
    on_film: bool
    unfit: Callable[[Classifier], str]

    def refusal(self, model: Classifier | Ensemble) -> str:
        """Why a model cannot be explained this way; empty where it can."""
        return next((reason for member in model.members if (reason := self.unfit(member))), "")


ORDER = (
    *("gradcam", "hirescam", "layercam", "gradcam++", "xgradcam", "eigencam", "finercam", "ablationcam"),
    *("rollout", "gradient-rollout", "occlusion", "rise", "scorecam", "integrated-gradients", "smoothgrad"),
)
METHODS = Registry[Method]("explanation method", order=ORDER)


def fits_all(_classifier: Classifier) -> str:
    return ""


def register(
    name: str,
    *,
    title: str,
    paper: str,
    cost: Cost,
    values: str,
    on_film: bool = False,
    unfit: Callable[[Classifier], str] = fits_all,
) -> Callable[[Explain], Explain]:
    """Add a method that asks the network itself."""

    def add(explain: Explain) -> Explain:
        METHODS.add(name, Method(name, title, paper, cost, values, explain, on_film, unfit))
        return explain

    return add


def register_combination(name: str, *, title: str, paper: str, values: str) -> Callable[[Combine], Combine]:
    """Add a method that combines the target layer's activations (C, h, w) and the findings' gradients there
    (n, C, h, w) into raw maps (n, h, w): one pass for all findings.
    """

    def add(combine: Combine) -> Combine:
        def explain(asked: Asked) -> Tensor:
            return combine(asked.traced.activations, asked.traced.gradients[list(asked.findings)])

        register(name, title=title, paper=paper, cost="one pass", values=values)(explain)
        return combine

    return add


def offered(model: Classifier | Ensemble) -> dict[str, str]:
    """Every method's name, with why it does not fit a model; empty where it does."""
    return {name: one.refusal(model) for name, one in METHODS.items()}
