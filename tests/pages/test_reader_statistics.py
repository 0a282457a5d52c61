"""Statistics of a reader in process: planted answers, other readers, and what is kept."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import button, dashboard, group, shown_text
from xray.learn.deck import scores_csv
from xray.learn.scores import absent
from xray.learn.simulated import simulated_deck
from xray.settings import settings

SEED = 7


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Iterator[None]:
    """A separate data folder, and a browser with access to the history."""
    monkeypatch.setenv("XRAY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XRAY_HISTORY_SHARED", "true")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def opened(*, keep: bool | None = None) -> AppTest:
    page = dashboard()
    if keep is not None:
        page.sidebar.toggle(key="keep results:").set_value(keep).run()
    page.switch_page("pages/learn.py")
    page.query_params["seed"] = str(SEED)
    return page.run()


def chests() -> list[int]:
    return [n for n, one in enumerate(simulated_deck(SEED).questions) if one.finding == "Opacity"][:3]


def answer(page: AppTest, right: list[bool]) -> list[bool]:
    """Answer the first chests right or wrong, 75% sure; return whether they show an opacity."""
    truth = []
    for number, is_right in zip(chests(), right, strict=False):
        finding = simulated_deck(SEED).questions[number].finding
        truth.append(simulated_deck(SEED).questions[number].film(1)[1].present)
        group(page, "Film").set_value(number).run()
        group(page, "Your answer").set_value(finding if truth[-1] == is_right else absent(finding)).run()
        button(page, "Commit").click().run()
        assert not page.exception
    return truth


def statistics(page: AppTest) -> AppTest:
    group(page, "Part").set_value("Statistics").run()
    assert not page.exception
    return page


@pytest.mark.slow
def test_planted_answers_give_the_figures_and_the_agreement():
    page = opened()
    assert "Answer films in the Practice part" in "".join(one.value for one in statistics(page).info)
    group(page, "Part").set_value("Practice").run()
    truth = answer(page, [True, False, True])
    (run,) = page.session_state["session"].runs.values()
    file = scores_csv(run.deck, run.played).encode()
    page = statistics(page)
    table = page.table[0].value.set_index(" ")
    assert table.loc["Accuracy", "You"] == "0.67 (0.21 to 0.94)"  # Wilson, 2 of 3
    assert table.loc["Accuracy", "Films"] == "3"
    hard = page.table[1].value
    assert hard.loc[0, "Film"] == f"simulated\\, seed 7\\, film {chests()[1] + 1}\\: Opacity"
    assert (hard.loc[0, "Right"], hard.loc[0, "Mean Brier"]) == ("0 of 1", "0.562")
    assert "3 films of this session" in shown_text(page)

    page.file_uploader[0].upload("other.csv", file)
    page.run()
    assert not page.exception
    assert [one.value[:4] for one in page.metric] == ["1.00"], "the same answers agree"
    assert page.metric[0].label == "Fleiss' kappa of 2 readers, 3 films"
    assert truth == [True, True, False], "so the answers are present, absent, absent"


@pytest.mark.slow
def test_answers_are_kept_only_while_the_history_is_on_and_deleted_on_request():
    page = opened()
    answer(page, [True])
    page = statistics(opened(keep=True))
    assert not page.table, "the answer of the first session was not kept"
    group(page, "Part").set_value("Practice").run()
    answer(page, [True, True])
    page = statistics(opened())
    assert page.table[0].value.set_index(" ").loc["Accuracy", "Films"] == "2"
    assert "2 films of this and earlier sessions" in shown_text(page)
    button(page, "Delete kept answers").click().run()
    assert not page.exception
    assert not page.table
    assert not statistics(opened()).table
