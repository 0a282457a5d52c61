"""The Compare page in process: the chosen grid on one scale, and the differences of two films."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from scipy.stats import spearmanr
from skimage.measure import block_reduce
from streamlit.testing.v1 import AppTest

from tests.corpus import simulated_png
from tests.pages.conftest import dashboard, shown_text
from xray.explain import METHODS, explain
from xray.geometry import Affine
from xray.io import read_radiograph
from xray.models.classifier import load_classifier
from xray.pipeline import analyze
from xray.render.overlay import Drawing, downsampled_case, draw
from xray.types import Explanation
from xray.ui.compare.agreement import correlations
from xray.ui.compare.two_films import differences
from xray.ui.compare.view import Cell, grid_png, scaled

MODELS = ("pneumonia-mobilenet", "findings-cnn")


@pytest.fixture(scope="module")
def films() -> list[bytes]:
    return [simulated_png(0), simulated_png(1)]


def opened(films: list[bytes]) -> AppTest:
    page = dashboard()
    page.switch_page("pages/compare.py").run()
    for number, data in enumerate(films):
        page.file_uploader[0].upload(f"{number}.png", data)
    return page.run() if films else page


def viewers(page: AppTest) -> list[dict]:
    """The data of every viewer that shows a picture."""
    told = [json.loads(one.proto.json) for one in page.get("bidi_component")]
    return [one for one in told if one.get("parts") == "picture"]


def test_an_empty_page_says_what_to_do():
    page = opened([])
    assert not page.exception
    assert "Drop a film or choose a sample" in shown_text(page)


def test_the_grid_contains_every_supported_model_method_and_finding(films):
    page = opened(films[:1])
    page.multiselect[0].set_value(list(MODELS)).run()
    page.multiselect[1].set_value(["gradcam", "layercam"]).run()
    page.multiselect[2].set_value(["Pneumonia", "Effusion"]).run()
    assert not page.exception
    grid = viewers(page)
    assert len(grid) == 2 * 1 + 2 * 2, "one of the models knows no effusion"
    film = read_radiograph(films[0], "0.png")
    highest = {}
    for name in ("gradcam", "layercam"):
        made = [explain(load_classifier(MODELS[0]), film, METHODS[name], ["Pneumonia"])[1][0]]
        made += explain(load_classifier(MODELS[1]), film, METHODS[name], ["Pneumonia", "Effusion"])[1]
        highest[name] = max(one.raw_max for one in made)
    scales = sorted({one["map"]["scale"] for one in grid})
    assert scales == pytest.approx(sorted(highest.values()), rel=1e-3)
    assert {one["linked"] for one in grid} == {"compare"}


def test_what_was_chosen_is_there_after_another_page(films):
    page = opened(films[:1])
    page.multiselect[0].set_value(list(MODELS)).run()
    page.multiselect[1].set_value(["eigencam"]).run()
    before = viewers(page)
    page.switch_page("pages/models.py").run()
    page.switch_page("pages/compare.py").run()
    assert not page.exception
    assert page.multiselect[0].value == list(MODELS)
    assert page.multiselect[1].value == ["eigencam"]
    assert [one["map"] for one in viewers(page)] == [one["map"] for one in before]


def test_agreement_is_the_rank_correlation_of_the_maps(films):
    page = opened(films[:1])
    page.multiselect[1].set_value(["gradcam", "layercam"]).run()
    film = read_radiograph(films[0], "0.png")
    finding = analyze(film).answer.finding
    heats = [
        explain(load_classifier(MODELS[0]), film, METHODS[name], [finding])[1][0].heatmap()
        for name in ("gradcam", "layercam")
    ]
    coarse = [block_reduce(one[:504, :504], (36, 36), np.mean).ravel() for one in heats]
    expected = spearmanr(*coarse).statistic
    told = float(re.findall(r"-?\d\.\d\d", alt(page))[-1])
    assert told == pytest.approx(expected, abs=0.03)


def alt(page: AppTest) -> str:
    (chart,) = page.get("plotly_chart")
    return chart.proto.alt


def test_no_more_maps_than_can_be_looked_at(films):
    page = opened(films[:1])
    page.multiselect[0].set_value(["findings-cnn"]).run()
    page.multiselect[2].set_value(page.multiselect[2].options[:6]).run()
    assert "The first 12 of 18 maps are shown." in shown_text(page)
    assert len(viewers(page)) == 12


@pytest.mark.parametrize("shape", [(2400, 1800), (300, 410)])
def test_small_maps_correlate_like_full_ones(shape):
    generator = np.random.default_rng(3)
    maps = [
        Explanation(
            "gradcam",
            "l",
            "f",
            generator.normal(size=(7, 7)).astype(np.float32),
            Affine.stretch((7, 7), shape),
            shape,
            "m",
            "0" * 64,
        )
        for _ in range(3)
    ]
    heats = [one.heatmap() for one in maps]
    grid = [max(1, round(side * 14 / max(shape))) for side in shape]
    cells = np.indices(shape) * np.array(grid)[:, None, None] // np.array(shape)[:, None, None]
    index = (cells[0] * grid[1] + cells[1]).ravel()
    means = [np.bincount(index, heat.ravel()) / np.bincount(index) for heat in heats]
    expected = [[spearmanr(first, second).statistic for second in means] for first in means]
    assert correlations(maps) == pytest.approx(np.array(expected), abs=0.02)


def test_the_grid_as_one_picture_shows_each_overlay_under_its_scale(films):
    film = read_radiograph(films[0], "film.png")
    case = analyze(film)
    finding = case.answer.finding
    (cell,) = scaled([Cell(case, case.explanation(finding))])
    assert cell.scale == case.explanation(finding).raw_max
    picture = np.asarray(Image.open(io.BytesIO(grid_png(film, [cell], Drawing(own_scale=True)))))
    expected = Image.fromarray(draw(downsampled_case(case, 512), finding, Drawing(own_scale=True)))
    expected = np.asarray(expected.resize((420, 420), Image.Resampling.BOX))
    assert np.abs(picture[12:432, 12:432].astype(int) - expected).mean() < 3


def test_two_films_and_what_changes_between_them(films):
    page = opened(films)
    cases = [analyze(read_radiograph(data, f"{number}.png")) for number, data in enumerate(films)]
    assert not page.exception
    table = page.dataframe[0].value
    one, other = (case.prediction.probabilities for case in cases)
    assert table["Right minus left (points)"].tolist() == pytest.approx((100 * (other - one)).tolist())
    assert differences(cases[0], cases[0])["Intervals disjoint"].tolist() == ["no"] * len(one)


def test_one_film_is_not_enough_for_two(films):
    assert "Open two films" in shown_text(opened(films[:1]))


def test_a_film_that_several_parts_and_models_refuse_can_be_analyzed_anyway(films):
    colored = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(256, size=(300, 300, 3), dtype=np.uint8)).save(
        colored, "PNG"
    )
    page = opened([films[1], colored.getvalue()])
    page.multiselect[0].set_value(list(MODELS)).run()
    assert not page.exception
    anyway = [button for button in page.button if button.label == "Analyze anyway"]
    assert len(anyway) == len(MODELS) + 1, "of each model, and in the comparison of two films"
    anyway[0].click().run()
    assert not page.exception
    assert sum(button.label == "Analyze anyway" for button in page.button) < len(anyway)
