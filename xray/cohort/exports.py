"""Overlays of a cohort as one archive: films are read again one by one, no network is asked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import PurePosixPath

from xray.cohort.predictor import OF_ONE_FILM
from xray.cohort.row import Row
from xray.cohort.source import File
from xray.io.encode import png
from xray.render.overlay import Drawing, draw


def overlay_name(number: int, file: str) -> str:
    """The name of a film's overlay; number: its place in the cohort, from 1 on."""
    return f"{number:05}-{PurePosixPath(file).stem}.png"


def overlays_zip(films: Iterable[tuple[int, File, Row]], finding: str) -> bytes:
    """Overlays of one finding at source resolution, of films given with their place in the cohort.

    One without an answer or maps, or that can no longer be read, is left out.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, file, row in films:
            if row.prediction is None or row.raw_maps is None:
                continue
            try:
                case = row.case(file.film())
            except OF_ONE_FILM:
                continue
            picture = png(draw(case, finding, Drawing()), case, finding)
            archive.writestr(overlay_name(number, row.file), picture)
    return buffer.getvalue()
