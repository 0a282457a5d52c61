"""When a model cannot be had, another of the same task answers, and a sentence says which and why."""

from __future__ import annotations

from xray.errors import ModelUnavailable
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble, load_model
from xray.models.registry import entries, entry, public_entries


def load_with_fallback(model_id: str | None = None) -> tuple[Classifier | Ensemble, str]:
    """A model, or else the first of its task that can be loaded, in the registry's order; and what a user
    should know of that, empty where the model itself answers.

    Raises ModelUnavailable for an unknown id, and when no model of the task can be loaded.
    """
    asked = entry(model_id)
    try:
        return load_model(asked.id), ""
    except ModelUnavailable as error:
        problems = {asked.id: error}
    for other in (*entries(), *public_entries()):
        if other.task == asked.task and other.id not in problems:
            try:
                return load_model(other.id), f"{other.title} answers instead: {problems[asked.id]}"
            except ModelUnavailable as error:
                problems[other.id] = error
    raise ModelUnavailable(
        f"No model for {asked.task} can be loaded: {', '.join(problems)}.", hint=str(problems[asked.id])
    )
