"""Turn a public download into the folder that recipes read."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from xray.errors import UnusableData
from xray.settings import settings
from xray.train.prepare.download import files_of
from xray.train.prepare.target import Target
from xray.train.public_data import COLLECTIONS


def prepare(name: str, download: Path, folder: Path | None = None) -> dict[str, Any]:
    """Prepare a collection.

    The folder gets films, lists, `sha256.txt` and `prepared.json`. The content of an earlier preparation is
    replaced; a folder with other files is refused.

    Args:
        name: Name in COLLECTIONS.
        download: Folder or archive of the public download.
        folder: Folder to write; by default that of the collection under `XRAY_TRAINING_DATA`.

    Returns:
        The content of `prepared.json`: facts of the collection, counts, what was left out, checksums.

    Raises:
        UnusableData: If the name is unknown, the download is not that of the collection, or the folder
            cannot be used.
    """
    collection = COLLECTIONS[name]
    folder = folder or settings().training_data / collection.folder
    module = import_module(f"xray.train.prepare.{collection.prepared_by}")
    try:
        with Target(name, folder) as target:
            module.prepare(files_of(download, without=folder), target)
            return target.finish()
    except OSError as error:
        raise UnusableData(
            f"{folder} cannot be written: {error.strerror or error}.",
            hint="Choose another folder with --to.",
        ) from error
