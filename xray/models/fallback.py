"""If a model is unavailable, another model of the same task is used, with a notice."""

from __future__ import annotations

from xray.errors import ModelUnavailable
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble, load_model
from xray.models.registry import entries, entry, public_entries


def load_with_fallback(model_id: str | None = None) -> tuple[Classifier | Ensemble, str]:
    """Load a model, or else the first available model of its task, in the registry's order.

    Use it where a user chooses a model; for the model of a result, use ensemble.model_of.

    Returns:
        The model, and a notice for the user if it is another one, else an empty string.

    Raises:
        ModelUnavailable: The id is unknown, or no model of the task can be loaded.
    """
    requested = entry(model_id)
    try:
        return load_model(requested.id), ""
    except ModelUnavailable as error:
        problems = {requested.id: error}
    for other in (*entries(), *public_entries()):
        if other.task == requested.task and other.id not in problems:
            try:
                return load_model(other.id), f"{other.title} answers instead: {problems[requested.id]}"
            except ModelUnavailable as error:
                problems[other.id] = error
    raise ModelUnavailable(
        f"No model for {requested.task} can be loaded: {', '.join(problems)}.",
        hint=str(problems[requested.id]),
    )
