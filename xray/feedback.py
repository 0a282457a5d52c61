"""Users' verdicts on boxes, stored on this computer as YOLO data sets that training can use unchanged.

Nothing is written until a user asks for it. A film is stored under the hash of its pixels, never its name.
Each owner (xray.access) has a separate data set; that of the users of this computer is XRAY_FEEDBACK_DIR.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from filelock import FileLock
from PIL import Image

from xray.access import COMPUTER, Visitor, owner_of
from xray.atomic import write_atomically
from xray.errors import UnusableData
from xray.io.boxes import yolo_lines
from xray.io.csv_cells import safe_cells
from xray.settings import settings
from xray.types import Pixels, Radiograph

VISITORS = "visitors"  # folder of the data sets of visitors from elsewhere
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


def feedback_folder(visitor: Visitor) -> Path:
    """Folder of a visitor's data set: XRAY_FEEDBACK_DIR, or a folder in it named by a hash of the owner.

    Raises:
        AccessDenied: If the visitor cannot own feedback.
    """
    owner, folder = owner_of(visitor, "feedback"), settings().feedback_dir
    if owner == COMPUTER:
        return folder
    return folder / VISITORS / hashlib.sha256(owner.encode()).hexdigest()[:32]


def kept(visitor: Visitor) -> list[str]:
    """Hashes of the films with feedback of a visitor."""
    return sorted(path.stem for path in (feedback_folder(visitor) / "train" / "images").glob("*.png"))


def keep(radiograph: Radiograph, given: Feedback, finding: str, visitor: Visitor) -> None:
    """Store a film, its true boxes and the comment, in place of earlier feedback on the film.

    Args:
        radiograph: The film; it is stored as PNG with 16 bits.
        given: The user's verdict. The true boxes are `right` and `missed`.
        finding: Name of the finding that the boxes show.
        visitor: Who gives the feedback.

    Raises:
        AccessDenied: If the visitor cannot own feedback.
        UnusableData: If the folder is not writable.
    """
    folder, name = feedback_folder(visitor), radiograph.sha256[:16]
    png, pixels = io.BytesIO(), np.rint(radiograph.pixels * 65535).astype(np.uint16)
    Image.fromarray(pixels).save(png, "PNG")
    true = np.concatenate([given.right.reshape(-1, 4), given.missed.reshape(-1, 4)])
    lines = [f"{line}\n" for line in yolo_lines(true, radiograph.pixels.shape)]
    files = {
        f"train/images/{name}.png": png.getvalue(),
        f"train/labels/{name}.txt": "".join(lines).encode(),
        "data.yaml": yaml.safe_dump({"train": "train/images", "names": [finding]}).encode(),
    }
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _lock(folder):
            for kind in ("images", "labels"):
                (folder / "train" / kind).mkdir(parents=True, exist_ok=True)
            for path, content in files.items():
                _write(folder / path, content)
            row = [name, len(given.right), len(given.wrong), len(given.missed), given.comment]
            others = [known for known in _comments(folder) if known[0] != name]
            _write_comments(folder, [*others, list(map(str, row))])
    except OSError as error:
        raise UnusableData(
            f"Feedback cannot be stored in {folder}.",
            hint="Set XRAY_FEEDBACK_DIR to a writable folder.",
        ) from error


def forget(visitor: Visitor, names: list[str] | None = None) -> None:
    """Delete a visitor's feedback on some films, by default on all. Files of other programs stay.

    Args:
        visitor: Whose feedback.
        names: Hashes of films, as `kept` returns them.
    """
    folder = feedback_folder(visitor)
    if not folder.exists():
        return
    with _lock(folder):
        for name in kept(visitor) if names is None else names:
            for kind, suffix in (("images", "png"), ("labels", "txt")):
                (folder / "train" / kind / f"{name}.{suffix}").unlink(missing_ok=True)
        rest = [] if names is None else [row for row in _comments(folder) if row[0] not in names]
        if rest:
            _write_comments(folder, rest)
            return
        for file in ("comments.csv", "data.yaml"):
            (folder / file).unlink(missing_ok=True)


def exported(visitor: Visitor) -> bytes:
    """A visitor's data set as a ZIP file."""
    folder, buffer = feedback_folder(visitor), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for pattern in ("comments.csv", "data.yaml", "train/images/*.png", "train/labels/*.txt"):
            for path in sorted(folder.glob(pattern)):
                with suppress(FileNotFoundError):  # deleted in the meantime
                    archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


def _lock(folder: Path) -> FileLock:
    """The lock of all processes that write; its file lies beside the folder, outside the data set."""
    return FileLock(f"{folder}.lock", timeout=PATIENCE)


def _comments(folder: Path) -> list[list[str]]:
    path = folder / "comments.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.reader(lines))[1:]


def _write_comments(folder: Path, rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(COLUMNS), *map(safe_cells, rows)])
    _write(folder / "comments.csv", text.getvalue().encode())


def _write(path: Path, content: bytes) -> None:
    write_atomically(path, lambda file: file.write(content))
