"""The explanation methods by name, each with its paper, its cost and the meaning of its values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Literal, get_args

from torch import Tensor

from xray.explain.capture import Trace, trace
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble
from xray.registry import Registry

OWN_PACKAGE = "xray"

Cost = Literal["one pass", "tens of passes", "hundreds of passes"]
Progress = Callable[[float], object]  # receives the share done, in [0, 1]; may raise to stop the work


def no_progress(_share: float) -> None:
    """Report nothing."""


@dataclass(frozen=True, eq=False)
class ExplainRequest:
    """A network, a film prepared for it (1, 3, h, w), and the indices of the findings to explain (n)."""

    classifier: Classifier
    batch: Tensor
    findings: Sequence[int]
    progress: Progress = no_progress

    @cached_property
    def traced(self) -> Trace:
        """Logits, activations and gradients of the film, computed once."""
        with self.classifier.lock:
            return trace(self.classifier.module, self.classifier.target_layer, self.batch)


Combine = Callable[[Tensor, Tensor], Tensor]
Explain = Callable[[ExplainRequest], Tensor]


@dataclass(frozen=True)
class Method:
    """A registered explanation method.

    Attributes:
        name: Name in requests and files.
        title: Name for users.
        paper: arXiv number or DOI.
        cost: Number of forward passes.
        values: Meaning of the map's values.
        explain: Computes raw maps (n, h, w).
        on_film: Whether the map has the grid of the film instead of the target layer's.
        unfit: Returns why the method does not fit a network, or an empty string.
        package: Name of the Python package that registers the method.
        layer: Name of the layers of the map, unless these are the target layer or the film.
    """

    name: str
    title: str
    paper: str
    cost: Cost
    values: str
    explain: Explain
    on_film: bool
    unfit: Callable[[Classifier], str]
    package: str = OWN_PACKAGE
    layer: str = ""

    def __post_init__(self) -> None:
        if not (self.name and self.title):
            raise ValueError(f"expected a name and a title, got {self.name!r} and {self.title!r}")
        if self.cost not in get_args(Cost):
            raise ValueError(f"expected a cost of {', '.join(get_args(Cost))}, got {self.cost!r}")

    @property
    def explains_all(self) -> bool:
        """Whether one pass explains every finding."""
        return self.cost == "one pass"

    def refusal(self, model: Classifier | Ensemble) -> str:
        """Why a model cannot be explained by the method; empty if it can."""
        try:
            return next((reason for member in model.members if (reason := self.unfit(member))), "")
        except Exception as error:
            if self.package == OWN_PACKAGE:
                raise
            return f"The package {self.package} fails with {type(error).__name__}: {error}"


ORDER = (
    *("gradcam", "hirescam", "layercam", "gradcam++", "xgradcam", "eigencam", "finercam", "ablationcam"),
    *("rollout", "gradient-rollout", "legrad", "attnlrp", "occlusion", "rise", "scorecam"),
    *("integrated-gradients", "smoothgrad"),
)
METHODS = Registry[Method]("explanation method", order=ORDER)


def fits_all(_classifier: Classifier) -> str:
    """Return no reason: the method fits every network."""
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
    layer: str = "",
) -> Callable[[Explain], Explain]:
    """Return a decorator that registers a method which runs the network itself."""

    def add(explain: Explain) -> Explain:
        package = explain.__module__.partition(".")[0]
        METHODS.add(name, Method(name, title, paper, cost, values, explain, on_film, unfit, package, layer))
        return explain

    return add


def register_combination(name: str, *, title: str, paper: str, values: str) -> Callable[[Combine], Combine]:
    """Return a decorator that registers a method of one pass for all findings.

    It combines the target layer's activations (C, h, w) and the findings' gradients there (n, C, h, w) into
    raw maps (n, h, w).
    """

    def add(combine: Combine) -> Combine:
        @wraps(combine)
        def explain(request: ExplainRequest) -> Tensor:
            return combine(request.traced.activations, request.traced.gradients[list(request.findings)])

        register(name, title=title, paper=paper, cost="one pass", values=values)(explain)
        return combine

    return add


def offered(model: Classifier | Ensemble) -> dict[str, str]:
    """Why each method does not fit a model, by name; empty if it fits."""
    return {name: method.refusal(model) for name, method in METHODS.items()}
