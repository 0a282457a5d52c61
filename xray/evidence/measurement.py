"""Values of the checks for true and meaningless maps of one film whose evidence is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xray.evidence.agreement import agreement
from xray.evidence.context import Candidate, CheckContext, FilmContext, check_context
from xray.evidence.deletion_insertion import FIRST, SHARES, compared
from xray.evidence.inserted_lesion import InsertedLesion
from xray.evidence.limits import DIFFERENCE, EFFECT, LESION, MAP, TRUE_MAPS
from xray.evidence.meaningless import meaningless_maps
from xray.evidence.measures import rank_correlation
from xray.evidence.road import road
from xray.evidence.shortcut import painted_out
from xray.evidence.stability import stability
from xray.evidence.weight_randomization import Model, randomized
from xray.explain import Method, explain
from xray.types import Pixels

SEED = 1  # of the meaningless network; the randomization check uses 0


@dataclass(frozen=True, eq=False)
class Randomized:
    """A model with random weights, of the randomization check and of the meaningless maps."""

    checked: Model
    untrained: Model

    @classmethod
    def of(cls, model: Model) -> Randomized:
        """Randomize a model twice."""
        return cls(randomized(model, 1.0), randomized(model, 1.0, SEED))


def measured(
    model: Model,
    random: Randomized,
    inserted: InsertedLesion,
    methods: Sequence[Method],
    other: Pixels | None = None,
    *,
    filled: bool = True,
) -> tuple[dict[str, Any], Pixels]:
    """Measure the checks of a film with an inserted lesion.

    Args:
        model: The model.
        random: The model with random weights.
        inserted: The film.
        methods: Methods that fit the model; the maps of the first one are mirrored and moved.
        other: The map of another film at the model's size.
        filled: Whether to measure ROAD too, which takes as long as the rest.

    Returns:
        A row for limits.py and train.check_rates, and the map of the first method. The row has, under `maps`,
        the values by kind of map and check, of maps that are certainly true or without meaning; under
        `methods`, the values by method; and the size of the logit's change under `shortcut`.
    """
    shared = FilmContext.of(model, inserted.radiograph, inserted.finding)
    contexts = {}
    for method in methods:
        (explanation,) = explain(model, inserted.radiograph, method, [inserted.finding])[1]
        contexts[method.name] = check_context(model, inserted.radiograph, explanation, film=shared)
    first = next(iter(contexts.values()))
    maps: dict[str, Candidate] = {LESION: inserted.true_map(first), MAP: first.candidate}
    maps |= meaningless_maps(first, random.untrained, other)
    row: dict[str, Any] = {
        "finding": inserted.finding,
        "lesion": inserted.lesion.kind,
        "rise": round(inserted.rise, 3),
        "maps": {
            kind: _values(first, candidate, filled=filled)
            for kind, candidate in maps.items()
            if candidate.map.max() > 0 and _counts(inserted, kind, candidate, first.grid)
        },
        "methods": {name: _of_method(context, random, inserted) for name, context in contexts.items()},
        "random maps": {
            "stability": [stability(first, candidate).value for candidate in shared.random_maps[:1]]
        },
        "shortcut": abs(shared.once(painted_out)[2]),
    }
    return _rounded(row), first.candidate.map


def _counts(inserted: InsertedLesion, kind: str, candidate: Candidate, grid: tuple[int, int]) -> bool:
    """Whether a true map has its highest value in the lesion, or a map without meaning does not show it."""
    if kind in TRUE_MAPS:
        return inserted.is_hit(candidate.map)
    return not inserted.is_shown(candidate.map, grid)


def _values(context: CheckContext, candidate: Candidate, *, filled: bool) -> dict[str, Any]:
    (_, deletion, if_hidden), (_, insertion, if_shown) = (
        compared(context, candidate.map, hiding=hiding, shares=SHARES[:FIRST]) for hiding in (True, False)
    )
    effect = deletion + insertion
    return ({"road": road(context, candidate).value} if filled else {}) | {
        "deletion": deletion,
        "insertion": insertion,
        EFFECT: effect,
        DIFFERENCE: effect - (if_hidden + if_shown),
        "agreement": agreement(context, candidate).value,
    }


def _of_method(context: CheckContext, random: Randomized, inserted: InsertedLesion) -> dict[str, Any]:
    film, own = context.film.radiograph, context.candidate
    maps = [own.remake(model, film) for model in (random.checked, random.untrained)]
    return {
        "hit": inserted.is_hit(own.map),
        "randomization": rank_correlation(own.map, maps[0]),
        "randomization, randomized network": rank_correlation(maps[1], maps[0]),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(float(value), 4) if isinstance(value, float | np.floating) else value
