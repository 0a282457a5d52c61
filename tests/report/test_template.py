"""The report of the template: order, length, edited text, the command."""

from dataclasses import replace
from typing import get_args

import pytest
from typer.testing import CliRunner

from tests.corpus import simulated_png
from tests.report import planted
from xray.cli import app
from xray.models.registry import entry
from xray.report import report
from xray.report.contents import listed_facts, reported_checks
from xray.report.text import as_text, editable, edited
from xray.report.types import Section
from xray.types import GateResult

ALL = planted.prediction(
    "findings-cnn", dict.fromkeys(entry("findings-cnn").findings, (0.9, (0.8, 0.95), 0.5, 0.05, 0.95))
)
CASES = {
    "chest": planted.chest(),
    "simulated, all called": planted.chest(
        radiograph=replace(planted.film(), simulated=True),
        prediction=ALL,
        gate=GateResult(False, "This film seems to be inverted.", "", "inverted"),
    ),
    "box": planted.bone(),
    "no box": planted.bone(boxes=0),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("checks", [(), planted.checks()], ids=["unchecked", "checked"])
def test_the_template_is_short_and_opens_with_two_sentences_on_answer_and_map(case, checks):
    result = report(case, "template", checks=checks)
    first, second, *rest = result.sentences
    assert first.text == case.answer.statement
    unchecked = "Whether the map can be believed was not checked."
    assert second.text == (f"Map: not supported for {case.answer.finding}." if checks else unchecked)
    assert (first.section, second.section) == ("summary", "summary")
    assert all(one.section != "summary" for one in rest)
    assert len(" ".join(one.text for one in result.sentences).split()) < 150
    assert all(one.cites for one in result.sentences)
    assert not any(check.why in one.text for check in checks for one in result.sentences)
    order = [one.section for one in result.sentences]
    assert order == sorted(order, key=get_args(Section).index)


def test_checks_that_a_report_does_not_state_are_in_no_table():
    """A map that is checked after the report was written: the text says that it was not checked."""
    before = report(planted.chest(), "template")
    after = report(planted.chest(), "template", checks=planted.checks())
    assert reported_checks(before, planted.checks()) == []
    assert [check.name for check in reported_checks(after, planted.checks())] == [
        "deletion",
        "randomization",
        "location",
    ]
    assert not any(fact.check for fact in listed_facts(after, planted.checks()))
    assert sum(bool(fact.check) for fact in listed_facts(after, ())) == 3


def test_the_same_case_gives_the_same_report():
    first, second = (report(planted.chest(), "template", "Teaching.") for _ in range(2))
    assert first == second


def test_text_to_edit_reads_back_as_the_same_sentences():
    result = report(planted.chest(), "template")
    again = edited(result, editable(result))
    assert again.sentences == result.sentences
    assert again.edited


def test_what_a_user_writes_is_checked_too():
    result = report(planted.chest(), "template")
    again = edited(result, editable(result).replace("95.2%", "94.2%") + "\nThe heart is large.")
    assert [one.section for one in again.flagged] == ["summary", "findings", "limits"]
    assert all("No cited fact contains 94.2%" in one.flags[0] for one in again.flagged[:2])
    assert again.flagged[2].flags == ("It cites no fact.",)
    assert as_text(again).count("(!)") == sum(len(one.flags) for one in again.flagged)


def test_the_terminal_prints_the_report(tmp_path):
    film = tmp_path / "doe-jane.png"
    film.write_bytes(simulated_png(0))
    done = CliRunner().invoke(app, ["report", str(film), "--model", "findings-cnn", "--prompt", "Fractures?"])
    assert done.exit_code == 0, done.output
    assert "## Findings" in done.stdout
    assert "Fracture was requested and was not assessed" in done.stdout
    assert "none is marked" in done.stdout
    assert "jane" not in done.stdout


@pytest.mark.parametrize("more", [["--narrator", "nobody"], ["--narrator", "gemini"]])
def test_the_terminal_sends_nothing_without_consent(tmp_path, more):
    film = tmp_path / "film.png"
    film.write_bytes(simulated_png(0))
    done = CliRunner().invoke(app, ["report", str(film), "--model", "findings-cnn", *more])
    assert done.exit_code == 2
    assert ("There is no narrator" if "nobody" in more else "nothing is sent without consent") in done.output
