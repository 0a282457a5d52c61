"""Public models: added by name and downloaded only on request."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from filelock import FileLock

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
    """Whether a model must be fetched before use."""
    return entry.kind in FETCHERS and not fetched_record(entry)


def add(source: str, revision: str = "") -> ModelEntry:
    """Add an image classifier of the Hugging Face Hub to the public models without downloading it.

    Args:
        source: Name on the Hub, as owner/name.
        revision: Revision; by default the newest.

    Raises:
        InvalidRequest: If the name is invalid.
        ModelUnavailable: If the registry cannot be read or written.
    """
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", source, re.ASCII):
        raise InvalidRequest(f"{source!r} is not a model name.", hint="Give it as OWNER/NAME.")
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
    """Download a public model into the cache, replacing an older download.

    Returns:
        The entry, completed with the facts of the downloaded files.

    Raises:
        InvalidRequest: If the model is bundled.
        ModelUnavailable: If the download fails or cannot be stored.
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
            with FileLock(f"{folder}.lock"):
                if folder.exists():
                    folder.rename(Path(workspace) / "replaced")
                arriving.rename(folder)
    except OSError as error:
        raise _not_kept(error) from error
    return entry(public.id)


def _not_kept(error: OSError) -> ModelUnavailable:
    return ModelUnavailable(
        f"Nothing can be kept in {settings().cache_dir}: {error.strerror or error}.",
        hint="Make that folder writable or name another one in XRAY_CACHE_DIR.",
    )
