"""The Atlas view of the Cohort page: one point per film, and groups by answer, label and error."""

import json

from tests.pages.conftest import shown_text
from tests.pages.test_cohort import begun, choose, cohort_page, view


def test_every_film_is_a_point_in_the_group_of_its_answer_label_and_error():
    page = cohort_page()
    choose(page, "Films from", "Simulated")
    next(one for one in page.toggle if one.label.startswith("Embed")).set_value(True).run()
    page = begun(page)
    finding = "Pneumonia"
    choose(page, "Finding", finding)
    view(page, "Atlas")
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


def test_without_embeddings_the_page_says_how_to_get_them():
    page = cohort_page()
    choose(page, "Films from", "Simulated")
    view(begun(page), "Atlas")
    assert "Choose Embed for the atlas before the analysis" in shown_text(page).replace("*", "")
