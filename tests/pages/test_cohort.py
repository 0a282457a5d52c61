"""The Cohort page in process: rows equal the results of analyze and remain until the cohort is closed."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image
from statsmodels.stats.proportion import proportion_confint
from streamlit.testing.v1 import AppTest

from tests.corpus import simulated_png
from tests.pages.cohort import MODEL, begun, choose, click, cohort_page, figures, lines, view
from tests.pages.conftest import dashboard, shown_text
from xray.io import read_radiograph
from xray.models.registry import entry
from xray.pipeline import Request, analyze

FINDING = "Effusion"
LABELS = "path,labels\n0.png,No Finding\n1.png,Effusion\n2.png,Effusion|Mass\n"


@pytest.fixture(scope="module")
def films() -> dict[str, bytes]:
    chests = {f"set/{number}.png": simulated_png(number) for number in range(3)}
    return chests | {"set/again.png": chests["set/1.png"], "set/broken.png": chests["set/0.png"][:900]}


@pytest.fixture(scope="module")
def archive(films) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        for name, data in films.items():
            written.writestr(name, data)
        written.writestr("set/labels.csv", LABELS)
    return buffer.getvalue()


@pytest.fixture
def done(archive) -> AppTest:
    page = cohort_page()
    page.file_uploader[0].upload("films.zip", archive)
    return begun(page.run())


def test_an_empty_page_says_what_to_do_and_offers_no_folder_to_another_computer():
    page = cohort_page()
    assert page.segmented_control[0].options == ["Files or ZIP", "Simulated"]
    assert "Drop films or one ZIP" in shown_text(page)
    choose(page, "Films from", "Simulated")
    assert any(one.label == "Analyze 24 files" for one in page.button)


def test_the_films_that_are_open_are_a_cohort(films):
    page = dashboard()
    for number in range(2):
        page.file_uploader[0].upload(f"{number}.png", films[f"set/{number}.png"])
    page.run()
    page.switch_page("pages/cohort.py").run()
    page.sidebar.selectbox[0].set_value(MODEL).run()
    begun(choose(page, "Films from", "Open films"))
    answered = [row.prediction.probabilities for row in page.session_state["session"].cohort.job.rows]
    expected = [analyze(read_radiograph(films[f"set/{n}.png"], f"{n}.png"), Request(MODEL)) for n in range(2)]
    assert lines(page)["File"].tolist() == ["0.png", "1.png"]
    assert np.allclose(answered, [case.prediction.probabilities for case in expected], atol=1e-6)
    page.menu_button(key="cohort open by name").click_index(0).run()
    opened = page.session_state["session"]
    assert [film.name for film in opened.open_films.values()] == ["0.png", "1.png"]
    assert opened.films[opened.shown].name == "0.png"


def test_two_films_of_one_name_are_both_listed_and_can_both_be_opened():
    page = cohort_page()
    for number in range(2):
        page.file_uploader[0].upload("film.png", simulated_png(number))
    begun(page.run())
    assert lines(page)["File"].tolist() == ["film.png"] * 2
    page.menu_button(key="cohort open by name").click_index(1).run()
    assert not page.exception
    (shown,) = page.session_state["session"].open_films.values()
    assert shown.sha256 == read_radiograph(simulated_png(1), "film.png").sha256


def test_the_worklist_equals_analyze(done, films):
    choose(done, "Finding", FINDING)
    listed = lines(done)
    assert listed["File"].tolist() == list(films)
    for name, said, answer in zip(listed["File"], listed[FINDING], listed["Answer"], strict=True):
        if name == "set/broken.png":
            assert np.isnan(said)
            assert answer == "not read"
            continue
        expected = analyze(read_radiograph(films[name], name), Request(MODEL)).prediction
        assert said == pytest.approx(100 * expected.probabilities[expected.findings.index(FINDING)], abs=1e-4)
        assert answer == expected.answer(FINDING)
    assert listed["Label"].tolist() == ["without", "with", "with", "–", "–"]
    assert listed["Note"][3] == "Same pixels as set/1.png."
    assert "cut short or damaged" in listed["Note"][4]
    assert "**4** answered · **0** refused · **1** not read · **1** duplicate" in shown_text(done)
    assert any("Why" in one.value.columns and len(one.value) == 1 for one in done.dataframe)


def test_films_are_filtered_and_ordered_over_all_lines(done):
    choose(done, "Order", "Highest probability first")
    said = lines(done)[entry(MODEL).findings[0]].tolist()
    assert said[:4] == sorted(said[:4], reverse=True)
    assert np.isnan(said[4])
    choose(done, "Show", "Not read")
    assert lines(done)["File"].tolist() == ["set/broken.png"]
    choose(done, "Show", "Duplicates")
    assert lines(done)["File"].tolist() == ["set/again.png"]
    choose(done, "Show", "All films")
    done.text_input[0].set_value("2.P").run()
    assert lines(done)["File"].tolist() == ["set/2.png"]


def test_histogram_and_counts_are_those_of_the_rows(done):
    choose(done, "Finding", FINDING)
    rows = done.session_state["session"].cohort.job.rows
    (drawn,) = figures(view(done, "Histogram"))
    assert sum(sum(bar["y"]) for bar in drawn["data"] if isinstance(bar["y"], list)) == 4
    assert [bar["name"] for bar in drawn["data"]] == ["with finding", "without finding", "no label"]
    view(done, "Against labels")
    point = entry(MODEL).thresholds[entry(MODEL).findings.index(FINDING)]
    found = sum(rows[one].probability(FINDING) >= point for one in (1, 2))
    alone = int(rows[0].probability(FINDING) < point)
    low, high = proportion_confint(found, 2, method="wilson")
    assert f"Sensitivity {found / 2:.1%} ({low:.1%} to {high:.1%}; {found} of 2)" in shown_text(done)
    low, high = proportion_confint(alone, 1, method="wilson")
    assert f"specificity {alone:.1%} ({low:.1%} to {high:.1%}; {alone} of 1)" in shown_text(done)
    pairs = [rows[one].probability(FINDING) > rows[0].probability(FINDING) for one in (1, 2)]
    assert f"AUROC {np.mean(pairs):.3f}, without an interval, which needs 5 patients" in shown_text(done)


def test_too_few_maps_is_a_sentence(done):
    view(done, "Heatmap clusters")
    choose(done, "Films", "All analyzed")
    assert "Heatmap clusters need at least 8 films." in shown_text(done)


def test_a_film_that_is_clicked_opens_on_the_analyze_page_with_the_same_model(done, films):
    click(done, 1)
    assert not done.exception
    assert "1.png" in shown_text(done)
    (case,) = done.session_state["session"].cases.values()
    assert case.prediction.model_id == MODEL
    assert case.radiograph.sha256 == read_radiograph(films["set/1.png"], "1.png").sha256
    done.switch_page("pages/cohort.py").run()
    assert lines(done)["File"].tolist() == list(films), "and the cohort is still there"


def test_lines_that_change_after_a_click_open_no_other_film(done, films):
    choose(done, "Show", "Not read")
    click(done, 0)
    assert "cut short or damaged" in done.warning[0].value
    choose(done, "Show", "All films")
    assert not done.warning
    assert lines(done)["File"].tolist() == list(films)
    assert not done.session_state["session"].cases


def test_results_remain_until_another_model_is_run(done):
    done.sidebar.selectbox[0].set_value("findings-mobilenet").run()
    assert f"These results are from {entry(MODEL).title}." in shown_text(done)
    next(one for one in done.button if one.label.startswith("Use ")).click().run()
    done.session_state["session"].cohort.job.wait(120)
    done.run()
    assert {
        row.prediction.model_id for row in done.session_state["session"].cohort.job.rows if row.prediction
    } == {"findings-mobilenet"}
    next(one for one in done.button if one.label == "Close").click().run()
    assert "Drop films or one ZIP" in shown_text(done)


def test_how_a_film_was_read_and_that_it_is_unlike_all_others_is_noted(films):
    one, two = (Image.open(io.BytesIO(films[f"set/{number}.png"])).convert("L") for number in (0, 1))
    beside = Image.new("L", (2 * one.width, one.height))
    for number, film in enumerate((one, two)):
        beside.paste(film, (number * one.width, 0))
    files = {"pages.tif": io.BytesIO(), "beside.png": io.BytesIO()}
    one.save(files["pages.tif"], "TIFF", save_all=True, append_images=[two])
    beside.save(files["beside.png"], "PNG")
    page = cohort_page()
    for name, file in files.items():
        page.file_uploader[0].upload(name, file.getvalue())
    begun(page.run())
    of_pages, of_beside = lines(page)["Note"]
    assert "First of 2 pages." in of_pages
    assert of_beside == "Farther from the training films than all new chest films that were compared."


def test_a_harmful_archive_is_a_sentence():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        written.writestr("../outside.png", b"")
    page = cohort_page()
    page.file_uploader[0].upload("films.zip", buffer.getvalue())
    page.run()
    assert not page.exception
    assert "names a file outside itself" in page.error[0].value
