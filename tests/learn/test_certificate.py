"""The certificate of practice, read back from the PDF."""

import io
from datetime import date

import pytest
from pypdf import PdfReader
from statsmodels.stats.proportion import proportion_confint

from xray.errors import InvalidRequest
from xray.learn.certificate import certificate
from xray.learn.reads import Read
from xray.learn.scores import Score
from xray.models.registry import entries

ON = date(2026, 3, 5)


def film(number: int, correct: bool) -> Read:
    score = Score(correct, 0.8 if correct else 0.2, correct, correct, 0.5, 0.04 if correct else 0.64)
    return Read(("simulated", 7, number, "Opacity"), True, 1, score, None, str(number))


READS = [film(number, number < 7) for number in range(10)]


def text_of(pdf: bytes) -> str:
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(page.extract_text().split())


def test_one_page_states_name_date_films_and_figures_with_intervals():
    text = text_of(certificate(READS, "Ada Lovelace", ON))
    low, high = proportion_confint(7, 10, method="wilson")
    for told in (
        "Certificate of practice",
        "Ada Lovelace",
        "5 March 2026",
        "10 radiographs from 1 deck, 10 of them simulated",
        f"Accuracy 0.70 {low:.2f} to {high:.2f} 10",
        "Hit rate 0.70",
        "Specificity – – 0",
        "research and education only",
    ):
        assert told in text


def test_no_word_of_a_diagnosis_is_on_it():
    text = text_of(certificate(READS, "", ON)).casefold()
    findings = {finding.casefold() for model in entries() for finding in model.findings} - {"normal"}
    for word in {*findings, "opacity", "diagnos", "patient", "disease", "clinical"}:
        assert word not in text


def test_equal_input_gives_equal_bytes_and_a_long_or_foreign_name_fits_one_page():
    assert certificate(READS, "A", ON) == certificate(READS, "A", ON)
    assert len(PdfReader(io.BytesIO(certificate(READS, "<b>&" * 100, ON))).pages) == 1
    assert "<b>&" in text_of(certificate(READS, "<b>&", ON))


def test_without_films_there_is_none():
    with pytest.raises(InvalidRequest, match="Answer at least one film"):
        certificate([], "", ON)
