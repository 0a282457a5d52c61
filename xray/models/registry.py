"""Registry of models: bundled (weights/registry.toml), public (weights/public.toml) and added by the user.

Nothing here uses the network.
"""

from __future__ import annotations

import json
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomlkit
from filelock import FileLock
from pydantic import BaseModel, ValidationError

from xray.atomic import write_atomically
from xray.errors import ModelUnavailable
from xray.models.model_entry import ModelEntry as ModelEntry
from xray.models.model_entry import SegmentationEntry as SegmentationEntry
from xray.settings import settings


def registry_file() -> Path:
    """The registry of the bundled models."""
    return settings().weights_dir / "registry.toml"


def public_file() -> Path:
    """The registry of the public models."""
    return settings().weights_dir / "public.toml"


def added_file() -> Path:
    """The registry of the models a user added (see models.public)."""
    return settings().cache_dir / "registry.toml"


def entries() -> tuple[ModelEntry, ...]:
    """Every bundled model, the default first. Raises ModelUnavailable for an unreadable registry."""
    path = registry_file()
    found = _read(
        path, "Restore weights/ from the repository, or point XRAY_WEIGHTS_DIR at a folder that has one."
    ).model
    if not found:
        raise ModelUnavailable(f"{path.name} lists no model.", hint="Train one: python -m xray train NAME.")
    return found


def public_entries() -> tuple[ModelEntry, ...]:
    """Every model that is fetched on request: those of public.toml, then those added by the user.

    Entries of fetched models include the facts of their files.

    Raises:
        ModelUnavailable: If a registry is unreadable.
    """
    return tuple(_completed(listed) for listed in listed_public().values())


def listed_public() -> dict[str, ModelEntry]:
    """The public entries by id, as listed in the registries. Raises ModelUnavailable."""
    hints = {
        public_file(): "Restore weights/ from the repository.",
        added_file(): f"Delete {added_file()} and add its models again.",
    }
    return {
        model.id: model for path, hint in hints.items() if path.is_file() for model in _read(path, hint).model
    }


def entry(model_id: str | None = None) -> ModelEntry:
    """The entry of a model, by default the first one. Raises ModelUnavailable for an unknown id."""
    if model_id is None:
        return entries()[0]
    known: list[str] = []
    for listed in (entries, public_entries):
        for model in listed():
            if model.id == model_id:
                return model
            if model.for_analysis:
                known.append(model.id)
    raise ModelUnavailable(f"There is no model {model_id!r}.", hint=f"Known models: {', '.join(known)}.")


def analysis_entry(model_id: str | None = None) -> ModelEntry:
    """The entry of a model that users analyze films with, by default the first one.

    Raises:
        ModelUnavailable: The id is unknown, or that of the input gate's network or of a model for lessons.
    """
    found = entry(model_id)
    if not found.for_analysis:
        purpose = "lessons" if found.teaching else "the input gate"
        raise ModelUnavailable(
            f"{found.id} is made for {purpose}, not for analyzing films.",
            hint=f"Choose another model, such as {entry().id}.",
        )
    return found


def segmentation_entry(model_id: str) -> SegmentationEntry:
    """The entry of a segmentation network. Raises ModelUnavailable for an unknown id."""
    for network in _read(registry_file(), "Restore weights/ from the repository.").segmentation:
        if network.id == model_id:
            return network
    raise ModelUnavailable(
        f"There is no segmentation network {model_id!r}.", hint="Restore weights/ from the repository."
    )


def fetched_folder(model_id: str) -> Path:
    """Folder of a fetched model in the cache."""
    return settings().cache_dir / "models" / model_id


def fetched_record(entry: ModelEntry) -> dict[str, Any]:
    """The record of a fetched model (see models.fetched).

    Returns:
        Empty if the model is not fetched, the record is damaged, or the registry requests another revision.
    """
    try:
        record = json.loads((fetched_folder(entry.id) / "fetched.json").read_text(encoding="utf-8"))
        fits = isinstance(record["files"], dict) and entry.revision in (
            "",
            record["revision"],
            record["facts"]["revision"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return record if fits else {}


def write_entry(entry: ModelEntry | SegmentationEntry, path: Path) -> None:
    """Add an entry to a registry file, or replace the entry of the same id, under a file lock."""
    with FileLock(f"{path}.lock"):
        registry = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
        listed = registry.setdefault(
            "model" if isinstance(entry, ModelEntry) else "segmentation", tomlkit.aot()
        )
        table = tomlkit.item(entry.model_dump(mode="json", exclude_defaults=True))
        for index, known in enumerate(listed):
            if known["id"] == entry.id:
                listed[index] = table
                break
        else:
            listed.append(table)
        content = tomlkit.dumps(registry).encode()
        write_atomically(path, lambda file: file.write(content))


class _Registry(BaseModel):
    """The tables of a registry file."""

    model: tuple[ModelEntry, ...] = ()
    segmentation: tuple[SegmentationEntry, ...] = ()


def _read(path: Path, hint: str) -> _Registry:
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ModelUnavailable(f"The model registry {path.name} cannot be read.", hint=hint) from error


@lru_cache(maxsize=8)
def _parsed(text: str) -> _Registry:
    return _Registry.model_validate(tomllib.loads(text))


def _completed(entry: ModelEntry) -> ModelEntry:
    """Complete an entry with the facts found in its files; findings in the registry take precedence."""
    facts = fetched_record(entry).get("facts", {})
    listed = {name: value for name in ("findings", "thresholds") if (value := getattr(entry, name))}
    try:
        return ModelEntry.model_validate(entry.model_dump() | facts | listed)
    except ValidationError:
        return entry
