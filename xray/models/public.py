"""Models that others publish: added by name, fetched when a user asks for it and at no other time."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from xray.errors import InvalidRequest, ModelUnavailable
from xray.models import huggingface, torchxrayvision
from xray.models.fetched import record
from xray.models.registry import (
    ModelEntry,
    added_file,
    entry,
    fetched_folder,
    fetched_record,
    listed_public,
    write_entry,
)
from xray.settings import settings

FETCHERS = {"torchxrayvision": torchxrayvision.fetch, "huggingface": huggingface.fetch}


def is_away(entry: ModelEntry) -> bool:
    """Whether a model has to be fetched before it can answer."""
    return entry.kind in FETCHERS and not fetched_record(entry)


def add(source: str, revision: str = "") -> ModelEntry:
    """List an image classifier of the Hugging Face Hub (owner/name) among the public models; nothing is
    fetched. Raises InvalidRequest and ModelUnavailable.
    """
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", source, re.ASCII):
        raise InvalidRequest(f"{source!r} is no name of a model.", hint="Give it as OWNER/NAME.")
    page = f"https://huggingface.co/{source}"
    added = ModelEntry(
        id=source.replace("/", "--"),
        title=source,
        task=source,
        kind="huggingface",
        source=source,
        revision=revision,
        regions=("chest",),
        findings=(),
        thresholds=(),
        normalization="symmetric",
        activation="softmax",
        trained_on=f"see {page}",
        licence=f"see {page}",
    )
    listed_public()  # an unreadable registry is not written to
    try:
        added_file().parent.mkdir(parents=True, exist_ok=True)
        write_entry(added, added_file())
    except OSError as error:
        raise _not_kept(error) from error
    return added


def fetch(public: ModelEntry) -> ModelEntry:
    """Download a public model into the cache, in place of an older one; its entry with the facts found.

    Raises InvalidRequest for a bundled model and ModelUnavailable.
    """
    if public.kind not in FETCHERS:
        raise InvalidRequest(f"{public.id} is bundled.", hint="There is nothing to fetch.")
    folder = fetched_folder(public.id)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as workspace:
            arriving = Path(workspace) / "model"
            arriving.mkdir()
            facts = FETCHERS[public.kind](public, arriving)
            record(listed_public()[public.id].revision, arriving, facts)
            shutil.rmtree(folder, ignore_errors=True)
            arriving.rename(folder)
    except OSError as error:
        raise _not_kept(error) from error
    return entry(public.id)


def _not_kept(error: OSError) -> ModelUnavailable:
    return ModelUnavailable(
        f"Nothing can be kept in {settings().cache_dir}: {error.strerror or error}.",
        hint="Make that folder writable or name another one in XRAY_CACHE_DIR.",
    )
