"""What users say of boxes, kept on this computer as a YOLO data set that training takes as it is.

Nothing is written until a user asks for it; a film is kept under the hash of its pixels, never its name.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from xray.errors import UnusableData
from xray.io.boxes import yolo_lines
from xray.settings import settings
from xray.types import Pixels, Radiograph

COLUMNS = ("film", "right", "wrong", "missed", "comment")


@dataclass(frozen=True, eq=False)
class Feedback:
    """right: boxes that are confirmed, wrong: that are not, missed: drawn by hand; all (n, 4) as left, top,
    right, bottom in source pixels.
    """

    right: Pixels
    wrong: Pixels
    missed: Pixels
    comment: str = ""


def feedback_folder() -> Path:
    return settings().feedback_dir


def kept() -> list[str]:
    """The hashes of the films that feedback is kept of."""
    return sorted(path.stem for path in (feedback_folder() / "train" / "images").glob("*.png"))


def keep(radiograph: Radiograph, given: Feedback, finding: str) -> None:
    """Write a film, the boxes that are truly there, and the comment; what was kept of it before is replaced.

    Raises UnusableData where the folder cannot be written.
    """
    folder, name = feedback_folder(), radiograph.sha256[:16]
    try:
        for kind in ("images", "labels"):
            (folder / "train" / kind).mkdir(parents=True, exist_ok=True)
        pixels = np.rint(radiograph.pixels * 65535).astype(np.uint16)
        Image.fromarray(pixels).save(folder / "train" / "images" / f"{name}.png")
        true = np.concatenate([given.right.reshape(-1, 4), given.missed.reshape(-1, 4)])
        lines = [f"{line}\n" for line in yolo_lines(true, radiograph.pixels.shape)]
        (folder / "train" / "labels" / f"{name}.txt").write_text("".join(lines), encoding="utf-8")
        told = {"train": "train/images", "names": [finding]}
        (folder / "data.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
        row = [name, len(given.right), len(given.wrong), len(given.missed), given.comment]
        _write_comments([one for one in _comments() if one[0] != name] + [list(map(str, row))])
    except OSError as error:
        raise UnusableData(
            f"Feedback cannot be kept in {folder}.",
            hint="Set XRAY_FEEDBACK_DIR to a folder that can be written.",
        ) from error


def forget(names: list[str] | None = None) -> None:
    """Delete what was kept of some films, by default of all; nothing that something else put there."""
    folder = feedback_folder()
    for name in kept() if names is None else names:
        for kind, suffix in (("images", "png"), ("labels", "txt")):
            (folder / "train" / kind / f"{name}.{suffix}").unlink(missing_ok=True)
    rest = [] if names is None else [one for one in _comments() if one[0] not in names]
    if rest:
        _write_comments(rest)
        return
    for listed in ("comments.csv", "data.yaml"):
        (folder / listed).unlink(missing_ok=True)


def exported() -> bytes:
    """Everything that is kept, as a ZIP file."""
    folder, buffer = feedback_folder(), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


def _comments() -> list[list[str]]:
    path = feedback_folder() / "comments.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.reader(lines))[1:]


def _write_comments(rows: list[list[str]]) -> None:
    with (feedback_folder() / "comments.csv").open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows([list(COLUMNS), *rows])
