"""The PDF, read with another library: it contains every number, picture, hash and character."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from pypdf import PdfReader
from reportlab.pdfbase.pdfmetrics import stringWidth

from tests.report.by_hand import PROMPT, all_checks, chest_case, written
from xray import NOTICE
from xray.errors import InvalidRequest
from xray.evidence import CHECKS
from xray.models.detector import chosen
from xray.render.boxes import draw_boxes
from xray.render.overlay import Drawing, draw
from xray.report import report
from xray.report.pdf import pdf
from xray.report.pdf.fonts import literal, plain, register_fonts
from xray.report.pdf.layout import BODY, COLUMN
from xray.report.types import Sentence
from xray.types import Case


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def text_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def unspaced(text: str) -> str:
    return "".join(text.split())


def pictures_of(reader: PdfReader) -> list[np.ndarray]:
    """Every picture uint8 (H, W, 3), those without color first, the bar of colors last."""
    inside = [
        one.get_object() for page in reader.pages for one in page["/Resources"].get("/XObject", {}).values()
    ]
    pictures = [
        np.frombuffer(one.get_data(), np.uint8).reshape(one["/Height"], one["/Width"], 3)
        for one in inside
        if one["/ColorSpace"] == "/DeviceRGB"
    ]
    return sorted(pictures, key=lambda one: (one.shape[1] == 1, np.ptp(one, -1).max()))


@pytest.fixture(scope="module")
def supplement(many_findings) -> PdfReader:
    return read(pdf(many_findings, written(many_findings), all_checks()))


def test_every_finding_has_its_probability_and_every_hash_is_complete(supplement, many_findings):
    told, said = text_of(supplement), many_findings.prediction
    for finding, probability in zip(said.findings, said.probabilities, strict=True):
        assert f"{finding} has a probability of {probability:.1%}." in told
    for digest in (said.weights_sha256, many_findings.radiograph.sha256):
        assert digest in unspaced(told)
    assert told.count(NOTICE) > len(supplement.pages)
    assert supplement.metadata.subject == NOTICE


def test_every_bar_is_as_long_as_its_probability(supplement, many_findings):
    drawn: list[tuple[float, ...]] = []

    def note(operator, operands, _matrix, _text_matrix):
        if operator == b"re":
            drawn.append(tuple(float(one) for one in operands))

    supplement.pages[0].extract_text(visitor_operand_before=note)
    said = many_findings.prediction
    widths = [width for _, _, width, _ in drawn[-2 * len(said.findings) :]]
    tracks, bars = widths[::2], widths[1::2]
    assert len(set(tracks)) == 1
    assert np.array(bars) / tracks[0] == pytest.approx(said.probabilities, abs=1e-4)


def test_film_and_overlay_are_in_it_pixel_for_pixel_with_their_colors(supplement, many_findings):
    film, overlay, bar = pictures_of(supplement)
    gray = np.rint(many_findings.radiograph.pixels * 255).astype(np.uint8)
    assert np.array_equal(film, np.dstack([gray] * 3))
    finding = many_findings.answer.finding
    assert np.array_equal(overlay, draw(many_findings, finding, Drawing()))
    assert bar[0].mean() > bar[-1].mean()


def test_the_requested_finding_is_drawn_and_one_without_a_map_is_refused(many_findings):
    reader = read(pdf(many_findings, written(many_findings), finding="Hernia"))
    drawn = draw(many_findings, "Hernia", Drawing())
    assert any(np.array_equal(picture, drawn) for picture in pictures_of(reader))
    with pytest.raises(InvalidRequest, match="Gout"):
        pdf(many_findings, written(many_findings), finding="Gout")


def test_boxes_of_a_detector_are_drawn_and_counted(boxed):
    reader = read(pdf(boxed, written(boxed)))
    found = chosen(boxed.detections, boxed.detections.threshold)
    drawn = draw_boxes(boxed.radiograph.pixels, found)
    assert len(found)
    assert any(np.array_equal(picture, drawn) for picture in pictures_of(reader))
    assert len(pictures_of(reader)) == 4
    assert f"{len(found)} box" in text_of(reader)


def test_the_trust_card_contains_every_check_with_figures_and_reason(supplement):
    told = text_of(supplement)
    for number, (name, question) in enumerate(CHECKS.items()):
        assert question.question in told
        assert f"{number}.25" in told
        assert f"Why {name} & so." in told
    judged = [one for one in all_checks() if one.verdict != "cannot be judged"]
    assert f"{sum(one.verdict == 'passed' for one in judged)} of {len(judged)} passed" in told


def test_a_false_sentence_is_flagged_with_both_reasons_and_counted(supplement, many_findings):
    told = text_of(supplement)
    assert "There is certainly a <b>rib fracture</b>." in told
    assert "1,a,b" in told
    assert "a The case has no finding called rib fracture." in told
    assert "b Nothing measured says certainly." in told
    report = written(many_findings)
    assert f"1 of {len(report.sentences)} sentences are not supported by the measured facts" in told


def test_cited_facts_are_listed_unless_a_sentence_repeats_them(supplement, many_findings):
    fact = written(many_findings).facts[0]
    assert text_of(supplement).count(fact.text) == 1
    reworded = replace(written(many_findings), sentences=(Sentence("It is so.", "findings", (fact.number,)),))
    told = text_of(read(pdf(many_findings, reworded)))
    assert [told.count(one.text) for one in reworded.facts] == [1] + [0] * (len(reworded.facts) - 1)
    assert "It is so.1" in told.replace(" 1", "1")


def test_fifteen_findings_and_all_checks_take_two_pages_and_more_text_flows_on(supplement, many_findings):
    assert len(supplement.pages) <= 2
    short = written(many_findings)
    long = replace(short, sentences=tuple(Sentence(f"Number {one}.", "limits") for one in range(3000)))
    told = text_of(read(pdf(many_findings, long, all_checks())))
    assert all(f"Number {one}." in told for one in (0, 1499, 2999))


def test_two_findings_and_all_checks_take_one_page_that_opens_on_the_summary():
    case = chest_case("pneumonia-mobilenet")
    for checks in ((), all_checks()):
        reader = read(pdf(case, report(case, "template", checks=checks), checks))
        assert len(reader.pages) == 1
        told = text_of(reader)
        assert (
            told.index("Summary") < told.index("Findings") < told.index("Not assessed") < told.index("Film")
        )
        assert ("was not checked" in told) == ("Can the map be believed" not in told) == (not checks)


def test_a_report_that_was_written_before_the_checks_shows_no_table_of_them():
    case = chest_case("pneumonia-mobilenet")
    told = text_of(read(pdf(case, report(case, "template"), all_checks())))
    assert "was not checked" in told
    assert "Can the map be believed" not in told


def test_greek_and_cyrillic_survive_in_embedded_fonts_and_the_rest_is_marked_missing():
    case = chest_case("pneumonia-mobilenet")
    case = replace(case, radiograph=replace(case.radiograph, name="Ακτινογραφία Рентген żółć 日.png"))
    reader = read(pdf(case, written(case, problem="Ο διακομιστής не отвечает.")))
    told = text_of(reader)
    for part in ("Ακτινογραφία Рентген żółć �.png", PROMPT, "Ο διακομιστής не отвечает."):
        assert part in told
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    used = [font for font in fonts if font["/Subtype"] == "/TrueType"]
    assert {font["/BaseFont"].split("+")[1] for font in used} >= {"STIXGeneral-Regular", "DejaVuSans"}
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in used)


def test_a_case_without_map_and_intervals_has_a_paper_too(many_findings):
    bare: Case = replace(
        many_findings,
        explanations=(),
        prediction=replace(many_findings.prediction, intervals=None),
    )
    reader = read(pdf(bare, written(bare), all_checks()))
    assert len(pictures_of(reader)) == 1
    assert "Can the map be believed" not in text_of(reader)


def test_the_same_case_gives_the_same_bytes(many_findings):
    first, second = (pdf(many_findings, written(many_findings), all_checks()) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("צילום חזה.png", "הזח םוליצ.png"),
        ("Film צילום 12.png", "Film 12 םוליצ.png"),  # a number behind Hebrew stands left of it
        ("12 צילום", "12 םוליצ"),
        ("a (שלום) b", "a (םולש) b"),
        ("שלום (12) b", "(12) םולש b"),
        ("50% או 60%.", "50% 60% וא."),
        ("שָלוֹם", "םוֹלשָ"),
        ("صورة", "\ufe93\ufead\ufeee\ufebb"),  # final or isolated, isolated, final, initial: right to left
        ("لا", "\ufefb"),  # the ligature of lam and alef
    ],
)
def test_hebrew_and_arabic_are_drawn_in_reading_order(text, drawn):
    register_fonts()
    assert plain(text) == drawn


def test_lines_of_hebrew_follow_each_other_in_reading_order():
    register_fonts()
    words = [letter * 5 for letter in "אבגדהוזחטיכלמנסעפצקרשת"]
    lines = [re.sub("<[^>]*>", "", line) for line in literal(" ".join(words)).split("<br/>")]
    read_back = [word[::-1] for line in lines for word in reversed(line.split("\N{NO-BREAK SPACE}"))]
    assert read_back == words
    assert len(lines) == 4
    assert all(stringWidth(line, "DejaVuUpright", BODY.fontSize - 1) < COLUMN for line in lines)


def test_hebrew_and_arabic_have_glyphs_in_the_pdf():
    case = chest_case("pneumonia-mobilenet")
    case = replace(case, radiograph=replace(case.radiograph, name="צילום صورة.png"))
    text = text_of(read(pdf(case, written(case, problem="השרת אינו עונה"))))  # pypdf restores the order
    for word in ("צילום", "\ufebb\ufeee\ufead\ufe93", "אינו"):
        assert word in text
    assert "�" not in text
