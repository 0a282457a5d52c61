"""The folder of a prepared collection, written completely or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from xray.errors import UnusableData
from xray.train.public_data import COLLECTIONS

BUILDING, REPLACING = ".unfinished", ".replacing"  # folders inside the target
FACTS, SUMS = "prepared.json", "sha256.txt"
LISTS = ("data.yaml", "labels.csv", "rsna_readings.csv", "rsna_boxes.csv")


class Target:
    """A folder that is being prepared.

    Films and lists are written to a hidden folder inside it and moved into place at the end, the lists after
    the films. An interruption before that leaves the previous content; one during the move leaves the folder
    REPLACING, and `require_whole` refuses the data set.

    Args:
        name: Name of the collection.
        folder: The folder.

    Attributes:
        counts: Number of films or readings by group.
        boxes: Number of boxes.
        left_out: What was not used, by reason.

    Raises:
        UnusableData: If the folder has files that no earlier preparation of this collection has written.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.counts: Counter[str] = Counter()
        self.boxes = 0
        self.left_out: dict[str, list[str]] = {}
        self._sums: dict[str, str] = {}
        before = _facts(folder)
        leftovers = [folder / BUILDING, folder / REPLACING]
        foreign = folder.is_dir() and any(path not in leftovers for path in folder.iterdir())
        if folder.is_file() or (before and before.get("collection") != name):
            raise UnusableData(f"{folder} does not contain {name}.", hint="Choose another folder with --to.")
        if foreign and not before and not leftovers[1].is_dir():
            raise UnusableData(
                f"{folder} contains files that were not prepared by this command.",
                hint="Choose an empty folder with --to.",
            )
        self._known = _sums(folder)

    def __enter__(self) -> Self:
        """Create the folder."""
        self._created = not self.folder.is_dir()
        for hidden in (BUILDING, REPLACING):
            shutil.rmtree(self.folder / hidden, ignore_errors=True)
        (self.folder / BUILDING).mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what is not finished."""
        shutil.rmtree(self.folder / BUILDING, ignore_errors=True)
        if self._created and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def has(self, path: str) -> bool:
        """Whether a file was written."""
        return path in self._sums

    def write(self, path: str, data: bytes) -> None:
        """Write a file at a path relative to the folder."""
        place = self.folder / BUILDING / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        self._sums[path] = hashlib.sha256(data).hexdigest()

    def write_list(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Write a CSV file."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        self.write(name, text.getvalue().encode())

    def leave_out(self, reason: str, item: object) -> None:
        """Record a film or row that is not used."""
        self.left_out.setdefault(reason, []).append(str(item))

    def finish(self) -> dict[str, Any]:
        """Move everything into place and return the content of FACTS.

        Raises:
            UnusableData: If no film or reading was counted.
        """
        if not self.counts:
            reasons = "; ".join(self.left_out) or "no films"
            raise UnusableData(
                f"Nothing of the download can be used: {reasons}.",
                hint=f"Expected: {COLLECTIONS[self.name].expects}.",
            )
        sums = "".join(f"{value}  {path}\n" for path, value in sorted(self._sums.items())).encode()
        facts = self._described(sums)
        building, replacing = self.folder / BUILDING, self.folder / REPLACING
        (building / SUMS).write_bytes(sums)
        text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
        (building / FACTS).write_text(text, encoding="utf-8")
        building.rename(replacing)
        for path in self._known - self._sums.keys():
            (self.folder / path).unlink(missing_ok=True)
        films = [path for path in self._sums if path not in LISTS]
        lists = [path for path in self._sums if path in LISTS]
        for path in (*films, *lists, SUMS, FACTS):
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            (replacing / path).replace(place)
        shutil.rmtree(replacing)
        return facts

    def _described(self, sums: bytes) -> dict[str, Any]:
        known = COLLECTIONS[self.name]
        about = ("title", "licence", "citation", "address")
        return {
            "collection": self.name,
            **{fact: getattr(known, fact) for fact in about},
            "n": self.counts.total(),
            "counts": dict(sorted(self.counts.items())),
            "boxes": self.boxes,
            "left_out": {
                reason: {"n": len(items), "examples": items[:3]}
                for reason, items in sorted(self.left_out.items())
            },
            "files": len(self._sums),
            "lists_sha256": {path: self._sums[path] for path in LISTS if path in self._sums},
            "sha256_txt": hashlib.sha256(sums).hexdigest(),
        }


def require_whole(folder: Path) -> None:
    """Refuse a folder whose preparation was interrupted.

    Raises:
        UnusableData: If it was.
    """
    if (folder / REPLACING).is_dir():
        raise UnusableData(
            f"The preparation of {folder} was interrupted.", hint="Run `python -m xray data prepare` again."
        )


def _facts(folder: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts


def _sums(folder: Path) -> set[str]:
    """Paths that an earlier preparation has written; those outside the folder do not count."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return set()
    paths = {line.partition("  ")[2] for line in lines}
    return {path for path in paths if path and (folder / path).resolve().is_relative_to(folder.resolve())}
