"""Images that are not radiographs, from libraries and made by code, to test the input gate."""

from __future__ import annotations

import io
from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from pydicom.data import get_testdata_files
from skimage import data

from xray.io import read_radiograph
from xray.types import Radiograph

SKIMAGE = ("astronaut", "camera", "chelsea", "clock", "coffee", "coins", "moon", "page", "rocket", "text")
DICOM = ("CT_small.dcm", "MR_small.dcm", "examples_ybr_color.dcm", "examples_palette.dcm", "693_J2KI.dcm")
PLOTS = 20
COLORS = ((0, 200, 0), (30, 60, 200), (200, 40, 30), (240, 200, 20))


def photographs() -> Iterator[Radiograph]:
    """Yield photographs and pages of scikit-image, in the colors that they have."""
    for name in SKIMAGE:
        yield _read(Image.fromarray(np.asarray(getattr(data, name)())), f"{name}.png")


def scans() -> Iterator[Radiograph]:
    """Yield CT, MR, ultrasound and color pictures among the test files of pydicom."""
    for path in sorted(get_testdata_files()):
        name = path.replace("\\", "/").rpartition("/")[2]
        if name in DICOM:
            with open(path, "rb") as file:
                yield read_radiograph(file.read(), name)


def plots() -> Iterator[Radiograph]:
    """Yield gray and colored plots of Matplotlib: lines, scatter, images and histograms."""
    generator = np.random.default_rng(0)
    for number in range(PLOTS):
        with mpl.rc_context({"axes.facecolor": "white" if number % 2 else "0.15"}):
            figure = Figure((5, 4))
            axes = figure.add_subplot()
            values = generator.normal(size=(2, 200)).cumsum(axis=1)
            if number % 4 == 0:
                axes.plot(*values, color="C0" if number % 8 else "0.3")
            elif number % 4 == 1:
                axes.scatter(values[0], values[1], c=values[0], cmap="viridis" if number % 8 == 1 else "gray")
            elif number % 4 == 2:
                axes.imshow(np.outer(*values), cmap="gray")
            else:
                axes.hist(values[0], bins=30, color="0.5")
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png")
        yield read_radiograph(buffer.getvalue(), f"plot-{number}.png")


def noise() -> Iterator[Radiograph]:
    """Yield white, smoothed and colored noise, and plain colors as of a camera's test picture."""
    generator = np.random.default_rng(0)
    for number, color in enumerate(COLORS):
        plain = np.asarray(color) + generator.normal(0, 2, (240, 320, 3))
        yield _read(Image.fromarray(plain.clip(0, 255).astype(np.uint8)), f"plain-{number}.png")
        for size in (16, 64, 256):
            values = generator.random((size, size))
            gray = Image.fromarray((255 * values).astype(np.uint8)).resize((256, 256))
            yield _read(gray, f"noise-{size}-{number}.png")


def _read(picture: Image.Image, name: str) -> Radiograph:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return read_radiograph(buffer.getvalue(), name)
