"""The films that the receiver stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xray.io.decode import content
from xray.settings import settings

MOST = 500  # films that are listed


@dataclass(frozen=True)
class ReceivedFilm:
    """A received film: its path, the local time at which it arrived, and its size in bytes."""

    path: Path
    received: datetime
    size: int

    def content(self) -> bytes:
        """Read the file. Raises UnreadableImage if it is gone."""
        return content(self.path)


def received_films() -> list[ReceivedFilm]:
    """List the films in XRAY_RECEIVED_DIR, the newest first."""
    folder = settings().received_dir
    films = []
    for path in folder.glob("*.dcm") if folder else ():
        try:
            facts = path.stat()
        except OSError:
            continue
        films.append(ReceivedFilm(path, datetime.fromtimestamp(facts.st_mtime), facts.st_size))
    return sorted(films, key=lambda film: film.received, reverse=True)[:MOST]
