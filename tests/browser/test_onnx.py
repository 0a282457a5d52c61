"""ONNX Runtime answers as PyTorch does, from the file that the terminal writes and in a browser."""

import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from xray.cli import app
from xray.explain import METHODS
from xray.explain.run import compute_maps
from xray.imaging.phantom import chest_phantom
from xray.io import read_radiograph
from xray.models.ensemble import load_model

onnxruntime = pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

MODEL = "findings-mobilenet"
COLORED = """() => {  // number of pixels of the canvas that are not gray
    const canvas = document.getElementById("film");
    const rgba = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return rgba.filter((value, place) => place % 4 === 0 && value !== rgba[place + 2]).length;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The example page with a model, and the model alone."""
    folder = tmp_path_factory.mktemp("exported")
    options = ["--to", "onnx", "--out", str(folder / "alone.onnx"), "--page", str(folder / "page")]
    result = CliRunner().invoke(app, ["weights", "export", MODEL, *options])
    assert result.exit_code == 0, result.output
    assert "outputs probabilities, logits, maps" in result.stdout
    return folder


def films(size: tuple[int, int]) -> list:
    return [chest_phantom(seed, size=size).radiograph for seed in (1, 2, 5)]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(200, 180), (700, 820), (97, 331)])
def test_batches_of_films_of_any_size_have_the_answers_and_maps_of_the_pipeline(folder, size):
    session = onnxruntime.InferenceSession(folder / "alone.onnx", providers=["CPUExecutionProvider"])
    batch = films(size)
    probabilities, logits, maps = session.run(None, {"film": np.stack([film.pixels[None] for film in batch])})
    model = load_model(MODEL)
    for place, film in enumerate(batch):
        expected = model.predict(film, intervals=False)
        np.testing.assert_allclose(probabilities[place], expected.probabilities, rtol=0, atol=1e-4)
        np.testing.assert_allclose(logits[place], expected.logits, rtol=0, atol=1e-4)
        raw = compute_maps(model, film, METHODS["gradcam"], range(len(model.entry.findings))).raw_maps
        np.testing.assert_allclose(maps[place], raw, rtol=0, atol=1e-4 * np.abs(raw).max())


@pytest.mark.slow
def test_the_file_is_valid_and_names_model_findings_and_operating_points(folder):
    file = onnx.load(folder / "alone.onnx")
    onnx.checker.check_model(file, full_check=True)
    assert {(each.domain, each.version) for each in file.opset_import if not each.domain} == {("", 20)}
    assert [each.name for each in file.graph.output] == ["probabilities", "logits", "maps"]
    (text,) = (each.value for each in file.metadata_props if each.key == "xray")
    facts, entry = json.loads(text), load_model(MODEL).entry
    assert facts == json.loads((folder / "page" / "model.json").read_text(encoding="utf-8"))
    assert facts["findings"] == list(entry.findings)
    assert facts["operating_points"] == list(entry.thresholds)
    assert facts["weights_sha256"] == entry.sha256
    assert "Never for diagnosis" in facts["notice"]


@pytest.mark.slow
def test_the_example_page_classifies_a_film_in_a_browser_that_reaches_only_its_folder(folder, context):
    film, wrong = folder / "film.png", folder / "wrong.png"
    pixels = chest_phantom(1, size=(256, 240)).radiograph.pixels
    Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(film)
    wrong.write_bytes(film.read_bytes()[:300])
    model = load_model(MODEL)
    expected = model.predict(read_radiograph(film.read_bytes(), film.name), intervals=False)

    handler = partial(_Quiet, directory=folder / "page")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        outside: list[str] = []
        context.route(
            lambda url: not url.startswith((address, "blob:", "data:")),
            lambda route: (outside.append(route.request.url), route.abort()),
        )
        page = context.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{address}/index.html")
        page.set_input_files("#file:enabled", film, timeout=60_000)
        buttons = page.locator("button.finding")
        buttons.first.wait_for(timeout=60_000)
        shown = dict(text.split(": ", 1) for text in buttons.all_inner_texts())
        colored = page.evaluate(COLORED)
        page.uncheck("#overlay")
        assert colored > 100
        assert page.evaluate(COLORED) == 0
        for finding, probability in zip(expected.findings, expected.probabilities, strict=True):
            assert float(shown[finding].split("%")[0]) == pytest.approx(100 * probability, abs=0.051)
        page.set_input_files("#file", wrong)
        page.get_by_text("wrong.png cannot be read as a picture.").wait_for()
        server.shutdown()
    assert outside == []
    assert problems == []


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""
