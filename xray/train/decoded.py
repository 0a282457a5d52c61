"""Decoded films at the input size of a model, kept in a folder."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from xray.errors import UnreadableImage
from xray.models.classifier import resize
from xray.train.film import Film


class DecodedFilms:
    """Decodes each film once, with the reader that the application uses, and keeps it as a square.

    Later epochs, a resumed training and the other processes read the kept film. A file that has changed is
    decoded again.

    Args:
        folder: Folder of the decoded films, created on demand.
        size: Side in px.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size

    def pixels(self, film: Film) -> NDArray[np.uint8]:
        """Return the pixels of a film, uint8 (1, size, size).

        Raises:
            UnreadableImage: If the file is not a radiograph.
            UnusableData: If the file is missing.
        """
        kept = self._path(film)
        if kept.is_file():
            pixels: NDArray[np.uint8] = np.load(kept)
            return pixels
        square = resize(torch.tensor(film.read().pixels)[None, None], self.size)[0]
        pixels = square.clamp(0, 1).mul(255).round().byte().numpy()
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = kept.with_name(f"{kept.stem}.{os.getpid()}.part")
        with temporary.open("wb") as file:
            np.save(file, pixels)
        temporary.replace(kept)
        return pixels

    def readable(self, films: list[Film], what: str) -> list[Film]:
        """Return the films that can be read; the others are reported on standard error.

        Args:
            films: The films.
            what: Label of the progress bar.
        """
        kept = []
        for film in tqdm(films, desc=f"reading {what}", unit="film"):
            try:
                self.pixels(film)
            except UnreadableImage as error:
                tqdm.write(f"Left out: {error}", file=sys.stderr)
            else:
                kept.append(film)
        return kept

    def stacked(self, films: list[Film]) -> Tensor:
        """Return the pixels of films, uint8 (n, 1, size, size); see pixels()."""
        stack = torch.empty((len(films), 1, self.size, self.size), dtype=torch.uint8)
        for index, film in enumerate(films):
            stack[index] = torch.from_numpy(self.pixels(film))
        return stack

    def _path(self, film: Film) -> Path:
        state = film.path.stat() if film.path.is_file() else None
        version = (state.st_size, state.st_mtime_ns) if state else ()
        facts = (str(film.path.resolve()), *version, self.size, film.turns, film.inverted)
        return self.folder / f"{hashlib.sha256(repr(facts).encode()).hexdigest()[:32]}.npy"
