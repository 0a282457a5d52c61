"""Downloaded models in the cache, with a record of their files; only recorded files are loaded."""

from __future__ import annotations

import hashlib
import importlib
import json
import warnings
from pathlib import Path
from typing import Any

from xray.atomic import write_atomically
from xray.errors import ModelUnavailable
from xray.models.registry import ModelEntry, fetched_folder, fetched_record

RECORD, WEIGHTS = "fetched.json", "model.safetensors"


def library(name: str) -> Any:
    """Import an optional library. Raises ModelUnavailable if it is not installed."""
    try:
        with warnings.catch_warnings():  # torchxrayvision disables them globally
            return importlib.import_module(name)
    except ImportError as error:
        raise ModelUnavailable(
            f"The library {name.partition('.')[0]} is not installed.",
            hint="Install it: pip install -r requirements-extra.txt.",
        ) from error


def not_fetched(entry: ModelEntry, error: Exception) -> ModelUnavailable:
    """Return the error for a failed download, with the status of the server's response if there was one."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status:
        return ModelUnavailable(
            f"The server answered {status} for {entry.source}.",
            hint="Check its name and revision; models behind a login cannot be fetched.",
        )
    return ModelUnavailable(
        f"{entry.id} cannot be fetched: the connection to its server failed.",
        hint="Try again later; the bundled models need no connection.",
    )


def record(revision: str, folder: Path, facts: dict[str, Any]) -> None:
    """Store the sha256 of the files of a downloaded model, the requested revision and the facts found."""
    files = _hashes(folder)
    stored = {"revision": revision, "facts": facts | {"sha256": files[WEIGHTS]}, "files": files}
    content = json.dumps(stored, indent=2).encode()
    write_atomically(folder / RECORD, lambda file: file.write(content))


def verified(entry: ModelEntry) -> Path:
    """Return the folder of a downloaded model if its files are as recorded. Raises ModelUnavailable."""
    folder = fetched_folder(entry.id)
    again = f"Fetch it: python -m xray weights fetch {entry.id}."
    stored = fetched_record(entry)
    if not stored:
        raise ModelUnavailable(f"{entry.id} has not been fetched yet.", hint=again)
    recorded, found = stored["files"], _hashes(folder)
    for name in sorted(recorded.keys() | found.keys()):
        if recorded.get(name) != found.get(name):
            raise ModelUnavailable(f"{name} of {entry.id} is not the file that was fetched.", hint=again)
    return folder


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != RECORD
    }
