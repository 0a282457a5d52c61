"""Users' verdicts on boxes, stored on this computer as a YOLO data set that training can use unchanged.

Nothing is written until a user asks for it. A film is stored under the hash of its pixels, never its name.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from filelock import FileLock
from PIL import Image

from xray.errors import UnusableData
from xray.io.boxes import yolo_lines
from xray.settings import settings
from xray.types import Pixels, Radiograph

COLUMNS = ("film", "right", "wrong", "missed", "comment")
PATIENCE = 10  # seconds to wait for another process that writes


@dataclass(frozen=True, eq=False)
class Feedback:
    """A user's verdict on the boxes of one film.

    Attributes:
        right: Confirmed boxes (n, 4) as left, top, right, bottom in source pixels.
        wrong: Rejected boxes (n, 4).
        missed: Boxes (n, 4) that the user drew.
        comment: Free text.
    """

    right: Pixels
    wrong: Pixels
    missed: Pixels
    comment: str = ""


def feedback_folder() -> Path:
    """Folder of the data set, as XRAY_FEEDBACK_DIR sets it."""
    return settings().feedback_dir


def kept() -> list[str]:
    """Hashes of the films with stored feedback."""
    return sorted(path.stem for path in (feedback_folder() / "train" / "images").glob("*.png"))


def keep(radiograph: Radiograph, given: Feedback, finding: str) -> None:
    """Store a film, its true boxes and the comment, in place of earlier feedback on the film.

    Args:
        radiograph: The film; it is stored as PNG with 16 bits.
        given: The user's verdict. The true boxes are `right` and `missed`.
        finding: Name of the finding that the boxes show.

    Raises:
        UnusableData: If the folder is not writable.
    """
    folder, name = feedback_folder(), radiograph.sha256[:16]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _lock():
            for kind in ("images", "labels"):
                (folder / "train" / kind).mkdir(parents=True, exist_ok=True)
            pixels = np.rint(radiograph.pixels * 65535).astype(np.uint16)
            Image.fromarray(pixels).save(folder / "train" / "images" / f"{name}.png")
            true = np.concatenate([given.right.reshape(-1, 4), given.missed.reshape(-1, 4)])
            lines = [f"{line}\n" for line in yolo_lines(true, radiograph.pixels.shape)]
            (folder / "train" / "labels" / f"{name}.txt").write_text("".join(lines), encoding="utf-8")
            dataset = {"train": "train/images", "names": [finding]}
            (folder / "data.yaml").write_text(yaml.safe_dump(dataset), encoding="utf-8")
            row = [name, len(given.right), len(given.wrong), len(given.missed), given.comment]
            _write_comments([known for known in _comments() if known[0] != name] + [list(map(str, row))])
    except OSError as error:
        raise UnusableData(
            f"Feedback cannot be stored in {folder}.",
            hint="Set XRAY_FEEDBACK_DIR to a writable folder.",
        ) from error


def forget(names: list[str] | None = None) -> None:
    """Delete the feedback on some films, by default on all. Files of other programs stay.

    Args:
        names: Hashes of films, as `kept` returns them.
    """
    folder = feedback_folder()
    if not folder.exists():
        return
    with _lock():
        for name in kept() if names is None else names:
            for kind, suffix in (("images", "png"), ("labels", "txt")):
                (folder / "train" / kind / f"{name}.{suffix}").unlink(missing_ok=True)
        rest = [] if names is None else [row for row in _comments() if row[0] not in names]
        if rest:
            _write_comments(rest)
            return
        for file in ("comments.csv", "data.yaml"):
            (folder / file).unlink(missing_ok=True)


def exported() -> bytes:
    """Everything in the folder, as a ZIP file."""
    folder, buffer = feedback_folder(), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


def _lock() -> FileLock:
    """The lock of all processes that write; its file lies beside the folder, outside the data set."""
    return FileLock(f"{feedback_folder()}.lock", timeout=PATIENCE)


def _comments() -> list[list[str]]:
    path = feedback_folder() / "comments.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.reader(lines))[1:]


def _write_comments(rows: list[list[str]]) -> None:
    with (feedback_folder() / "comments.csv").open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows([list(COLUMNS), *rows])
