"""Charts in a real browser: a click on a bar, point, bin or cell is a choice."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import QUICK, at_rest
from tests.corpus import simulated_png
from xray.models.figures import model_figures
from xray.models.operating_points import operating_points
from xray.models.registry import entry
from xray.ui.common.operating_point import LABEL

LABELS = "path,labels\n0.png,No Finding\n1.png,Effusion\n2.png,Effusion\n3.png,No Finding\n"


def click_mark(page: Page, chart: Locator, marks: str, number: int, chosen: Callable[[], None]) -> None:
    """Click a mark of a chart until its choice is made: a chart that is drawn again loses clicks."""
    for attempt in range(3):
        at_rest(page)
        mark = chart.locator(marks).nth(number)
        mark.evaluate("mark => mark.scrollIntoView({block: 'center'})")
        box = mark.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x - 3, y - 3)
        page.mouse.move(x, y)
        page.wait_for_timeout(500)  # Plotly ignores a click before it has noticed the pointer over the mark
        page.mouse.click(x, y)
        try:
            return chosen()
        except AssertionError:
            if attempt == 2:
                raise


@pytest.mark.slow
def test_a_bar_chooses_the_finding_to_explain(window: Page, address):
    window.goto(f"{address}/?sample=simulated-chest-opacity&model={QUICK}")
    chart = window.locator(".js-plotly-plot").first
    expect(chart.locator(".bars .point")).to_have_count(len(entry(QUICK).findings))
    names = chart.evaluate("chart => chart.data[0].y")
    shown = window.get_by_text("Where the model looked for")
    longest = max(range(len(names)), key=lambda n: chart.evaluate("(chart, n) => chart.data[0].x[n]", n))
    other = next(n for n in range(len(names)) if n != longest and names[n] not in shown.inner_text())
    click_mark(
        window,
        chart,
        ".bars .point",
        other,
        lambda: expect(shown).to_have_text(f"Where the model looked for {names[other]}", timeout=15_000),
    )


@pytest.mark.slow
def test_a_point_of_the_roc_curve_is_the_operating_point(window: Page, address):
    window.goto(f"{address}/models?model={QUICK}")
    chart = window.locator(".js-plotly-plot").first
    expect(chart).to_be_visible()
    finding = next(iter(model_figures(entry(QUICK)).test.findings.values()))
    place = len(finding.curve.thresholds) // 2
    point = operating_points(finding)[finding.curve.thresholds[place]]
    expect(window.get_by_role("slider", name=LABEL)).to_be_visible()
    line = chart.evaluate("chart => chart.data.findIndex(trace => trace.customdata)")
    assert chart.evaluate("(chart, [line, n]) => chart.data[line].y[n]", [line, place]) == pytest.approx(
        point.sensitivity.value
    )
    metric = window.get_by_test_id("stMetric").filter(has_text="Sensitivity").last
    click_mark(
        window,
        chart,
        f".scatterlayer .trace:nth-child({line + 1}) .points path",
        place,
        lambda: expect(metric).to_contain_text(f"{point.sensitivity.value:.3f}", timeout=15_000),
    )


@pytest.mark.slow
def test_a_bin_and_a_cell_list_their_films(window: Page, address, tmp_path):
    def lists(text: str, count: int) -> None:
        expect(window.get_by_text(f"Only {text}")).to_be_visible(timeout=15_000)
        expect(listed).to_have_text(re.compile(f"^{count} of 4"))

    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(simulated_png(number))
    (tmp_path / "labels.csv").write_text(LABELS)
    window.goto(f"{address}/cohort?model={QUICK}")
    window.get_by_text("A folder", exact=True).click()
    window.get_by_role("textbox", name="Folder").fill(str(tmp_path))
    window.get_by_role("textbox", name="Folder").press("Enter")
    window.get_by_role("button", name="Analyze 4 files").click()
    listed = window.get_by_text(re.compile(r"^(\d) of 4 films\. Open shows"))
    expect(listed).to_have_text(re.compile("^4 of 4"))
    finding = window.get_by_role("combobox", name="Finding")
    finding.click()
    window.get_by_role("option", name="Effusion", exact=True).click()
    chart = window.locator(".js-plotly-plot").first

    window.get_by_text("Histogram", exact=True).click()
    expect(chart.locator(".bars .point").first).to_be_attached()
    bins = [n for n, count in enumerate(chart.evaluate("chart => chart.data[0].y")) if count]
    count = chart.evaluate("(chart, n) => chart.data[0].y[n]", bins[0])
    click_mark(
        window,
        chart,
        ".bars .point",
        bins[0],
        partial(lists, f"with finding: Effusion from {bins[0] * 5}%", count),
    )

    window.get_by_text("Against labels", exact=True).click()
    cells = window.locator(".js-plotly-plot").last
    expect(cells.locator(".scatterlayer .points path")).to_have_count(4)
    counts = cells.evaluate("chart => chart.data[0].customdata.flat()")
    place = max(range(4), key=lambda cell: counts[cell])
    label = "with" if place < 2 else "without"
    click_mark(
        window,
        cells,
        ".scatterlayer .points path",
        place,
        partial(lists, f"labeled {label} Effusion, predicted", counts[place]),
    )
