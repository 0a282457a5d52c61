"""Report practice in process: the film alone at first, then marks, reasons and the template's report."""

from tests.pages.conftest import button, opened_learn, shown_text, viewers
from xray.learn.report_practice import FINDING, MODEL, practice_film
from xray.models.ensemble import load_model
from xray.pipeline import Request, analyze
from xray.report import report


def test_sentences_are_marked_and_the_templates_report_follows():
    page = opened_learn(part="Report")
    film, reference = practice_film(1).load()
    said = load_model(MODEL).predict(film, intervals=False)
    called = said.at_operating_point(FINDING)
    assert button(page, "Check the sentences").disabled
    (sent,) = viewers(page)
    assert sent["map"] is None, "the film alone"
    for telling in (reference.known_by, "operating point"):
        assert telling not in shown_text(page)

    true, false = (
        f"{FINDING} is {'above' if above else 'below'} its operating point." for above in (called, not called)
    )
    page.text_area[0].set_value(f"{true} {false} Tuberculosis is likely.").run()
    button(page, "Check the sentences").click().run()
    assert not page.exception
    (held,) = [one.value.replace("\\", "") for one in page.success]
    wrong, unknown = [one.value.replace("\\", "") for one in page.error]
    assert held == true
    assert wrong.startswith(false)
    assert "- It claims" in wrong
    assert "mentions" in unknown
    assert "tuberculosis" in unknown
    told = shown_text(page)
    assert "The measured facts hold 1 of 3 sentences." in told
    assert reference.known_by in told
    template = report(analyze(film, Request(MODEL)))
    assert template.section("summary")[0].text in told
    (sent,) = viewers(page)
    assert sent["map"]


def test_a_text_of_too_many_sentences_gets_a_message():
    page = opened_learn(part="Report")
    page.text_area[0].set_value("One. Two. Three. Four. Five.").run()
    button(page, "Check the sentences").click().run()
    assert not page.exception
    assert "at most 4" in shown_text(page)
