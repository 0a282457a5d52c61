"""Overlays of a cohort as a ZIP archive, drawn from the stored maps without running the model."""

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
    """File name of a film's overlay; number is its position in the cohort, from 1."""
    return f"{number:05}-{PurePosixPath(file).stem}.png"


def overlays_zip(films: Iterable[tuple[int, File, Row]], finding: str) -> bytes:
    """Draw the overlays of one finding at source resolution.

    Args:
        films: Position in the cohort (from 1), file and row of each film. Films that have no prediction or
            no maps, or are no longer readable, are skipped.
        finding: Finding to draw.

    Returns:
        A ZIP file of PNG files.
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
