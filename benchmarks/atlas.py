"""The Atlas of a cohort of 500 and of 5,000 films in headless Chromium.

The rows are those of the simulated cohort, repeated with noise in their embeddings.

python -m benchmarks.atlas --json
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from playwright.sync_api import Page
from streamlit import runtime

from benchmarks.browser import serving
from benchmarks.timing import as_text
from xray.cohort import File, Job, Predictor, Row, run
from xray.cohort.atlas import atlas
from xray.cohort.labels import Labels
from xray.cohort.simulated import simulated_cohort
from xray.pipeline import Request
from xray.ui.cohort.atlas import MOST

MODEL, SIZES, PORT = "pneumonia-mobilenet", (500, 5000), 8738
NOISE = 0.5  # of the embeddings, relative to their standard deviation
ROUNDS, HOVERS, SECONDS, PATIENCE = 5, 20, 3.0, 120_000
CHART = "document.querySelector('.js-plotly-plot')"
NAMES = f"{CHART}?._fullData?.map(one => one.name).join()"
NEXT_FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
PLACES = f"""() => {{
  const chart = {CHART}, {{xaxis, yaxis}} = chart._fullLayout, box = chart.getBoundingClientRect();
  return chart._fullData.flatMap(one => Array.from(one.x, (x, at) => [
    box.x + xaxis._offset + xaxis.l2p(x), box.y + yaxis._offset + yaxis.l2p(one.y[at])]));
}}"""
COUNT_FRAMES = """() => {
  window.frames_drawn = 0;
  const count = () => { window.frames_drawn++; requestAnimationFrame(count); };
  requestAnimationFrame(count);
}"""
THUMBNAILS = """count => {
  const films = [...document.querySelectorAll(".st-key-cohort-atlas-films img")];
  return films.length === count && films.every(one => one.complete && one.naturalWidth > 0);
}"""


def rows(count: int) -> tuple[list[Row], Labels]:
    """The answered films of the simulated cohort, repeated: their embeddings (C) get independent noise."""
    files, labels = simulated_cohort()
    predictor = Predictor(Request(MODEL, "gradcam", intervals=False), embeddings=True)
    films = [row for row in run(files, predictor) if row.embedding is not None and not row.duplicate_of]
    spread = NOISE * np.std([row.embedding for row in films], axis=0)  # (C)
    generator = np.random.default_rng(0)
    found, known = [], {}
    for number in range(count):
        film = films[number % len(films)]
        name = f"{number:04}/{film.file}"
        noise = generator.normal(0, 1, spread.shape) * spread
        vector = (film.embedding + noise).astype(np.float32)
        found.append(replace(film, file=name, pixels_sha256="", embedding=vector))  # not a duplicate
        if (label := labels.of(film.file)) is not None:
            known[name] = replace(label, patient=name)
    return found, Labels(known)


class Kept:
    """A predictor that returns rows computed before, so that the page has a Job that has ended."""

    request = Request(MODEL, "gradcam", intervals=False)

    def __init__(self, found: list[Row]) -> None:
        self.rows = {row.file: row for row in found}

    def __call__(self, films: list[tuple[str, bytes]]) -> list[Row]:
        return [self.rows[name] for name, _ in films]


def app() -> None:
    """The Cohort page with a cohort of ?films=N."""
    import streamlit as st

    from xray.models.registry import entry
    from xray.ui.cohort.session import Shown
    from xray.ui.cohort.view import cohort
    from xray.ui.common.keeping import cohort_keeper

    st.set_page_config(layout="wide")
    if "shown" not in st.session_state:
        found, labels = rows(int(st.query_params["films"]))
        job = Job([File(row.file, bytes) for row in found], Kept(found))
        job.wait()
        keeper = cohort_keeper(enabled=False)
        shown = Shown("Repeated films", job, labels, entry(MODEL), "", MODEL, False, keeper, embeddings=True)
        st.session_state["shown"] = shown
    cohort(st.session_state["shown"], entry(MODEL))


def measure() -> dict[str, float]:
    """Medians in milliseconds, frames per second while the mouse moves, and ratios of 5,000 to 500 films."""
    found: dict[int, dict[str, float]] = {}
    for films in SIZES:
        given, _ = rows(films)
        found[films] = {
            "project_ms": 1000 * statistics.median(_seconds(partial(atlas, given)) for _ in range(ROUNDS))
        }
    with serving(__file__, PORT) as (browser, address):
        for films in SIZES:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(PATIENCE)
            page.goto(f"{address}/?films={films}")
            found[films] |= of_page(page, films)
            page.close()
    few, many = (found[films] for films in SIZES)
    figures = {f"{name}_{films}": value for films in SIZES for name, value in found[films].items()}
    return figures | {f"{name}_ratio": many[name] / few[name] for name in few}


def of_page(page: Page, films: int) -> dict[str, float]:
    """Figures of the page of a cohort: milliseconds, and frames per second."""

    def choose(name: str, drawn: str) -> None:
        page.get_by_role("radio", name=name, exact=True).click()
        page.wait_for_function(f"{NAMES}?.includes('{drawn}')")
        page.evaluate(NEXT_FRAME)

    page.get_by_role("radio", name="Atlas", exact=True).wait_for()
    figures = {"open_ms": 1000 * _seconds(partial(choose, "Atlas", "absent"))}
    colors = []
    for _ in range(ROUNDS):
        colors.append(_seconds(partial(choose, "Label", "without finding")))
        choose("Answer", "absent")
    figures["color_ms"] = 1000 * statistics.median(colors)
    places = page.evaluate(PLACES)
    if len(places) != films:
        raise SystemExit(f"{len(places)} of {films} films are drawn.")
    hovers = [_hover(page, *places[at * films // HOVERS]) for at in range(HOVERS)]
    figures["hover_ms"] = 1000 * statistics.median(hovers)
    figures["hover_fps"] = _frame_rate(page, places)
    figures["lasso_ms"] = 1000 * statistics.median(_lasso(page, 60 + 20 * at) for at in range(ROUNDS))
    return figures


def _hover(page: Page, x: float, y: float) -> float:
    """Seconds from the mouse on a point to its name."""
    page.mouse.move(5, 5)
    label = page.locator(".hoverlayer .hovertext")
    label.wait_for(state="detached")
    return _seconds(lambda: (page.mouse.move(x, y), label.wait_for()))


def _frame_rate(page: Page, places: list[list[float]]) -> float:
    """Frames per second while the mouse moves from point to point."""
    page.evaluate(COUNT_FRAMES)
    began, step = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < SECONDS:
        page.mouse.move(*places[37 * step % len(places)])
        step += 1
    return float(page.evaluate("window.frames_drawn")) / passed


def _lasso(page: Page, half: float) -> float:
    """Seconds from the end of a lasso, a square around the middle point, to the thumbnails of its films."""
    x, y = np.median(page.evaluate(PLACES), axis=0)
    corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half + 1)]
    page.mouse.move(x - half, y - half)
    page.mouse.down()
    for right, down in corners:
        page.mouse.move(x + right, y + down, steps=4)

    def selected() -> None:
        page.mouse.up()
        page.wait_for_function(THUMBNAILS, arg=MOST)

    passed = _seconds(selected)
    page.mouse.dblclick(x - 1.5 * half, y - half)  # clears the selection
    page.wait_for_function(THUMBNAILS, arg=0)
    return passed


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if runtime.exists():
    app()
elif __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    print(as_text(measure(), as_json=parser.parse_args().json))
