"""Detection thresholds: a session of films with and without a lesion, for a reader and for the model."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from xray.explain import METHODS, explain
from xray.explain.registry import Progress
from xray.io.csv_cells import safe_cells
from xray.learn.inserted import Base, Design
from xray.learn.psychometric import Answers, Fit, fit
from xray.learn.staircase import RULES, Kind, next_contrast, schedule
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble
from xray.types import Radiograph
from xray.whatif.lesion_lab import CONTRAST, inserted
from xray.whatif.lesion_place import MapPlace, map_place

START = 0.8  # contrast of the first film of each staircase
LENGTHS = (32, 48, 64)  # films of a session
BASES = 8  # normal films of a session


@dataclass(frozen=True)
class Answered:
    """A film of a session: of which staircase it is, its contrast, None without a lesion, and the answer."""

    kind: Kind
    contrast: float | None
    reported: bool


@dataclass(frozen=True, eq=False)
class Session:
    """Films with lesions at the contrasts of two staircases, and catch films, in seeded order.

    Attributes:
        bases: Normal films, each used several times.
        design: Kind and size of the lesions.
        films: Number of films.
        seed: Determines order, films and places.
    """

    bases: Sequence[Base]
    design: Design
    films: int
    seed: int
    kinds: tuple[Kind, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", schedule(self.films, self.seed))

    def contrast(self, done: Sequence[Answered]) -> float | None:
        """The contrast of the film after those that are done; None for a catch film."""
        kind = self.kinds[len(done)]
        if kind == "catch":
            return None
        answers = [one.reported for one in done if one.kind == kind]
        return next_contrast(answers, RULES[kind], START, CONTRAST)

    def film(self, number: int, contrast: float | None) -> tuple[Radiograph, np.ndarray]:
        """A film under a neutral name, and the mask (H, W) of its lesion, empty without one."""
        rng = np.random.default_rng([self.seed, 9])
        base = self.bases[int(rng.integers(len(self.bases), size=self.films)[number])]
        radiograph, region = base.film, np.zeros(base.film.pixels.shape, bool)
        if contrast is not None:
            lesion = base.lesion(self.design, contrast, (self.seed, number))
            radiograph, region = inserted(base.film, lesion), lesion.on(base.lungs.shape).region
        return replace(radiograph, name=f"film-{number + 1}.png", notes=()), region

    def after(self, done: Sequence[Answered], reported: bool) -> list[Answered]:
        """The films that are done when the next one is answered."""
        return [*done, Answered(self.kinds[len(done)], self.contrast(done), reported)]


def answers_of(done: Sequence[Answered]) -> Answers:
    """The answers for the fit of a psychometric function."""
    shown = [(one.contrast, one.reported) for one in done if one.contrast is not None]
    return Answers(
        tuple(contrast for contrast, _ in shown),
        tuple(reported for _, reported in shown),
        tuple(one.reported for one in done if one.contrast is None),
    )


def fit_of(done: Sequence[Answered], seed: int) -> Fit:
    """The psychometric function of an observer of a whole session."""
    return fit(answers_of(done), CONTRAST, seed=seed)


def answers_of_model(
    session: Session,
    model: Classifier | Ensemble,
    finding: str,
    progress: Progress = lambda _: None,
) -> tuple[list[Answered], list[MapPlace]]:
    """Let a model answer a session with staircases of its own, on the same films and places.

    Args:
        session: The session.
        model: The model; it reports a lesion at or above its operating point.
        finding: Its finding that stands for the lesion.
        progress: Receives the share that is done, in [0, 1].

    Returns:
        Its answers, and where Grad-CAM lies on the films whose lesion it reports.
    """
    index = model.entry.findings.index(finding)
    threshold = np.float32(model.entry.thresholds[index])
    done: list[Answered] = []
    places: list[MapPlace] = []
    for number in range(session.films):
        radiograph, region = session.film(number, session.contrast(done))
        logits, (explanation,) = explain(model, radiograph, METHODS["gradcam"], [finding])
        reported = bool(model.probabilities(logits)[0].numpy()[index] >= threshold)
        if reported and region.any():
            places.append(map_place(explanation, region))
        done = session.after(done, reported)
        progress((number + 1) / session.films)
    return done, places


def answers_csv(observers: Mapping[str, Sequence[Answered]]) -> str:
    """All answers as CSV, one row per observer and film, without names of persons, files or folders."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["observer", "film", "staircase", "contrast", "lesion", "answer"])
    for who, done in observers.items():
        for number, one in enumerate(done, 1):
            contrast = "" if one.contrast is None else f"{one.contrast:.6f}"
            row = [who, number, one.kind, contrast, int(one.contrast is not None), int(one.reported)]
            rows.writerow(safe_cells(row))
    return text.getvalue()
