"""Labels of a cohort on its page: beside the films, given afterwards, replaced."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.corpus import simulated_png
from tests.pages.cohort import begun, choose, dropped, lines, view
from tests.pages.conftest import shown_text

FINDING = "Effusion"


@pytest.fixture(scope="module")
def films() -> dict[str, bytes]:
    return {f"set/{number}.png": simulated_png(number) for number in range(2)}


@pytest.fixture
def against_labels(films) -> AppTest:
    """The view Against labels of an analyzed cohort without labels."""
    page = begun(dropped(films).run())
    return choose(view(page, "Against labels"), "Finding", FINDING)


def test_films_with_an_unusable_list_are_analyzed_without_labels(films):
    page = dropped(films)
    page.file_uploader[0].upload("labels.csv", b"file,effusion\n0.png,0\n1.png,1\n2.png,1\n3.png,maybe\n")
    page.run()
    assert not page.error
    assert len(page.warning) == 1
    assert "column effusion has values other than 0 and 1, such as maybe" in shown_text(page)
    assert "can be analyzed without labels" in shown_text(page)
    begun(page)
    assert lines(page)["File"].tolist() == ["0.png", "1.png"]


def test_only_films_with_a_label_of_the_model_count_as_labeled(films):
    page = dropped(films)
    page.file_uploader[0].upload("labels.csv", b"file,labels\n0.png,No Finding\n1.png,maybe\n")
    page.run()
    assert ":gray[1 with labels]" in shown_text(page)


def test_labels_can_be_given_afterwards(against_labels):
    page = against_labels
    page.file_uploader[0].upload("bad.csv", b"name,kind\n")
    page.run()
    assert "lacks a column path or labels" in page.error[0].value
    page.file_uploader[0].upload("list.csv", b"file,labels\n0.png,No Finding\n1.png,Effusion\n")
    page.run()
    assert not page.exception
    assert "1 of 2 labeled films show Effusion" in shown_text(page)


def test_labels_of_other_findings_are_refused_and_labels_can_be_replaced(against_labels):
    page = against_labels
    page.file_uploader[0].upload("other.csv", b"file,labels\n0.png,Situs inversus\n1.png,Situs inversus\n")
    page.run()
    assert len(page.error) == 1
    assert "other.csv has no label that" in shown_text(page)
    assert "situs inversus (2)" in shown_text(page)
    for first, second in (("No Finding", "Effusion"), ("Effusion", "No Finding")):
        page.file_uploader[0].upload("list.csv", f"file,labels\n0.png,{first}\n1.png,{second}\n".encode())
        page.run()
        assert not page.error
        assert "1 of 2 labeled films show Effusion" in shown_text(page)
        kept = page.session_state["session"].cohort
        labels = kept.results(kept.job.rows)["label: Effusion"].to_pylist()
        assert labels == [int(label == "Effusion") for label in (first, second)]
