"""Lists of boxes as tables: one box per row, as corner and size or as two corners, in pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xray.errors import UnusableData
from xray.io.decode import content
from xray.io.label_lists import FILM, label_reader, plain
from xray.io.matching import match, no_match
from xray.io.tables import Row, Table, read_table

# Keys of columns; the first that a table has is used. width and height are the film's beside w and h.
LEFT, TOP = ("x", "left", "xmin", "x1", "bboxx"), ("y", "top", "ymin", "y1")
RIGHT, BOTTOM = ("right", "xmax", "x2"), ("bottom", "ymax", "y2")
WIDTH, HEIGHT = ("w", "boxwidth", "bboxwidth", "width"), ("h", "boxheight", "bboxheight", "height")
FILM_WIDTH, FILM_HEIGHT = ("imagewidth", "filmwidth", "width"), ("imageheight", "filmheight", "height")

Size = tuple[float, float]  # width, height
Corners = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class ListedBox:
    """A box of a list.

    Attributes:
        label: Its finding as plain() spells it, which may be abbreviated; empty for any.
        corners: Left, top, right and bottom, as shares of `size`.
        size: Width and height in which the corners are measured; None for pixels of the film.
    """

    label: str
    corners: Corners
    size: Size | None = None

    def on(self, shape: tuple[int, ...]) -> Corners:
        """Corners in pixels of a film (H, W)."""
        height, width = shape[:2]
        across, down = (width / self.size[0], height / self.size[1]) if self.size else (1.0, 1.0)
        left, top, right, bottom = self.corners
        return left * across, top * down, right * across, bottom * down

    def shows(self, finding: str) -> bool:
        """Whether the box may be one of a finding."""
        return plain(finding).startswith(self.label[:8])


def boxes_of(path: Path, films: Sequence[Path]) -> dict[Path, list[ListedBox]]:
    """Read a list of boxes, by film.

    Columns name the film and the finding (as in a list of labels) and the box: x, y, w, h, or left, top,
    right, bottom, or as NIH and RSNA name them. With the columns width and height of the film, the boxes are
    scaled to the film that is there; without them they are in its pixels. Rows without a box are ignored.

    Raises:
        UnusableData: If the file is no such list, or none of its rows matches a film.
    """
    table = read_table(path.name, content(path))
    film, corners_of = table.column(FILM), _corner_reader(table)
    if film is None or corners_of is None:
        raise UnusableData(
            f"{path.name} is not a list of boxes.",
            hint="It needs the columns image, label, x, y, w, h, width and height.",
        )
    labels_of = label_reader(table)
    listed: dict[str, list[ListedBox]] = {}
    for number, row in enumerate(table.rows, 1):
        try:
            placed = corners_of(row)
        except ValueError as error:
            raise UnusableData(
                f"Box {number} of {path.name}, of {row[film]}, is not made of numbers.",
                hint="Write its position and size in pixels.",
            ) from error
        given = labels_of(row) if labels_of else None
        labels = {""} if given is None or given.single_class else given.labels
        boxes = [ListedBox(label, *placed) for label in sorted(labels)] if placed else []
        listed.setdefault(row[film], []).extend(boxes)
    paths = [file.as_posix() for file in films]
    found = match(listed, paths)
    if films and not found:
        raise no_match(path.name, listed, paths)
    boxes_by_film: dict[Path, list[ListedBox]] = {}
    for written, file in found.items():
        if listed[written]:
            boxes_by_film.setdefault(Path(file), []).extend(listed[written])
    return boxes_by_film


def _corner_reader(table: Table) -> Callable[[Row], tuple[Corners, Size | None] | None] | None:
    """What reads the corners of a row, and the size they are measured in; None if columns are missing."""
    left, top = table.column(LEFT), table.column(TOP)
    right, bottom = table.column(RIGHT), table.column(BOTTOM)
    width, height = table.column(WIDTH), table.column(HEIGHT)
    film_width = table.column(key for key in FILM_WIDTH if key != width)
    film_height = table.column(key for key in FILM_HEIGHT if key != height)
    by_corner = right is not None and bottom is not None
    keys = [left, top, *((right, bottom) if by_corner else (width, height))]
    columns = [key for key in keys if key is not None]
    if len(columns) < len(keys):
        return None

    def corners(row: Row) -> tuple[Corners, Size | None] | None:
        cells = [row[key] for key in columns]
        if not any(cells):
            return None
        x, y, across, down = map(_number, cells)
        if not by_corner:
            across, down = x + across, y + down
        if film_width is None or film_height is None:
            return (x, y, across, down), None
        size = _number(row[film_width]), _number(row[film_height])
        if min(size) <= 0:
            raise ValueError("a film without size")
        return (x, y, across, down), size

    return corners


def _number(cell: str) -> float:
    """A finite number, with a decimal point or comma. Raises ValueError."""
    number = float(cell.replace(",", "."))
    if not math.isfinite(number):
        raise ValueError(cell)
    return number
