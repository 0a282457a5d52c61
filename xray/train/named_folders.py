"""Names of the data sets that the recipes use, so that a kept command names no folder of one computer."""

from __future__ import annotations

from pathlib import Path

from xray.errors import UnusableData

NAMED_FOLDERS = {
    "nih-chest": "data/chest",
    "kermany-pneumonia": "data/pneumonia",
    "fracatlas": "data/fracture",
    "body-regions": "data/region",
}


def data_folder(given: Path) -> Path:
    """Return the folder of a data set.

    Args:
        given: A path, or a name in NAMED_FOLDERS. An existing path takes precedence over a name.

    Returns:
        The path itself, or the folder of that name under `XRAY_TRAINING_DATA`.

    Raises:
        UnusableData: If a named data set is not there.
    """
    from xray.settings import settings  # with pydantic-settings, which `python -m xray --help` does not need

    name = str(given)
    if name not in NAMED_FOLDERS or given.exists():
        return given
    folder = settings().training_data / NAMED_FOLDERS[name]
    if not folder.is_dir():
        raise UnusableData(
            f"The data set {name} is not on this computer.",
            hint=f"Set XRAY_TRAINING_DATA to the folder that contains {NAMED_FOLDERS[name]}, or give a "
            "folder.",
        )
    return folder
