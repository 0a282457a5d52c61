"""The Atlas view of the Cohort page: one point per film, and groups by answer, label and error."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.cohort import begun, choose, cohort_page, lines, view
from tests.pages.conftest import button, shown_text
from xray.cohort.heatmap_clusters import SIDE, cluster_heatmaps

FINDING = "Pneumonia"


@pytest.fixture(scope="module")
def embedded() -> AppTest:
    """The Atlas of the simulated cohort; its tests leave every film shown."""
    page = cohort_page()
    choose(page, "Films from", "Simulated")
    next(one for one in page.toggle if one.label.startswith("Embed")).set_value(True).run()
    page = begun(page)
    choose(page, "Finding", FINDING)
    return view(page, "Atlas")


def select(page: AppTest, chart: str, points: list[tuple[int, int]]) -> None:
    """Select points (group, place) of a chart, for which AppTest has no function."""
    states = page._tree.get_widget_states()
    chosen = [{"curve_number": group, "point_index": at} for group, at in points]
    selection = {"points": chosen, "point_indices": [], "box": [], "lasso": []}
    states.widgets.add(id=chart, string_value=json.dumps({"selection": selection}))
    page._run(states)
    assert not page.exception


@pytest.mark.slow
def test_every_film_is_a_point_in_the_group_of_its_answer_label_and_error(embedded):
    page, finding = embedded, FINDING
    films = [row for row in page.session_state["session"].cohort.job.rows if row.prediction]
    films = [row for row in films if not row.duplicate_of]

    def drawn(color: str) -> dict[str, int]:
        choose(page, "Color", color)
        (spec,) = (json.loads(one.proto.spec) for one in page.get("plotly_chart"))
        return {trace["name"].rpartition(" (")[0]: len(trace["customdata"]) for trace in spec["data"]}

    answers = [row.prediction.answer(finding) for row in films]
    assert drawn("Answer") == {name: answers.count(name) for name in set(answers)}
    sick = [row.file.startswith("opacity") for row in films]
    positive = [row.prediction.at_operating_point(finding) for row in films]
    labels = drawn("Label")
    assert (labels["with finding"], labels["without finding"]) == (sick.count(True), sick.count(False))
    wrong = sum(one != other for one, other in zip(sick, positive, strict=True))
    assert drawn("Error").get("wrong", 0) == wrong
    assert drawn("Map verdict") == {"not checked": len(films)}
    state = page.session_state
    state["cohort among"] = "All analyzed"
    clusters = drawn("Heatmap cluster")
    rows = state["session"].cohort.job.rows
    used = [number for number, row in enumerate(rows) if row in films]
    truth = cluster_heatmaps(np.stack([rows[number].evidence(finding, SIDE) for number in used]))
    named = {f"cluster {at}": len(one.members) for at, one in enumerate(truth.clusters, 1)}
    without = len(films) - sum(named.values())
    assert clusters == named | ({"no cluster": without} if without else {})


@pytest.mark.slow
def test_selected_points_are_shown_as_thumbnails_of_their_films_and_listed(embedded):
    page = choose(embedded, "Color", "Label")  # the group "with finding" is drawn first
    (chart,) = page.get("plotly_chart")
    points = [(0, 3), (1, 0), (1, 5)]
    traces = json.loads(chart.proto.spec)["data"]
    files = [traces[group]["customdata"][at].partition("<br>")[0] for group, at in points]
    assert [file.partition("/")[0] for file in files] == ["opacity", "healthy", "healthy"]
    assert not page.image

    select(page, chart.proto.id, points)
    shown = [one.proto.imgs[0] for one in page.image]
    assert [one.alt for one in shown] == files
    assert len({one.url for one in shown}) == 3
    assert all(file.rpartition("/")[2] in shown_text(page) for file in files)

    button(page, "List 3 films in the worklist").click().run()
    assert set(lines(page)["File"]) == set(files)


def test_without_embeddings_the_page_says_how_to_get_them(chest):
    page = cohort_page()
    page.file_uploader[0].upload("chest.png", chest)
    view(begun(page.run()), "Atlas")
    assert "Choose Embed for the atlas before the analysis" in shown_text(page).replace("*", "")
