"""A class of 30 students and their teacher: three phones are browsers, the others are in the server.

The traffic of the phones is recorded, to find out when they learn something of the result.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.class_server import planted
from tests.browser.conftest import DESKTOP, FITS, PATIENCE, PHONE, at_rest, click_until, serving
from xray.learn.simulated import simulated_deck
from xray.pipeline import Request, analyze

SEED, STUDENTS, PHONES = 2, 30, 3  # the first film of this deck shows an opacity


@pytest.fixture(scope="module")
def class_address() -> Iterator[str]:
    simulated = ("-m", "tests.browser.class_server", str(STUDENTS - PHONES))
    with serving("dashboard.py", launcher=simulated) as address:
        yield address


class Traffic:
    """Everything that the server sends to a page: websocket frames and bodies of responses."""

    def __init__(self, page: Page) -> None:
        self.frames: list[bytes] = []
        self.responses: list[Response] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self.keep))
        page.on("response", lambda response: self.responses.append(response))

    def keep(self, frame: bytes | str) -> None:
        self.frames.append(frame if isinstance(frame, bytes) else frame.encode())

    def received(self) -> bytes:
        """All frames and the bodies of responses, except Streamlit's own scripts, without escapes."""
        for response in self.responses:
            if "/static/" not in response.url and response.ok:
                self.frames.append(response.body())
        self.responses.clear()
        return b"".join(self.frames).replace(b"\\", b"")


def touch_rectangle(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag one finger over the film, from and to shares of its viewer."""
    canvas = page.locator(".stage canvas").first
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    frame = canvas.bounding_box()
    points = [(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in (start, end)]
    (x0, y0), (x1, y1) = points
    steps = [(x0 + (x1 - x0) * step / 6, y0 + (y1 - y0) * step / 6) for step in range(7)]
    client = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(steps):
        kind = "touchMove" if number else "touchStart"
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def answer(page: Page, option: int) -> None:
    """Choose the first answer (present) or the second one, and commit it."""
    commit = page.get_by_role("button", name="Commit", exact=True)
    choice = page.get_by_role("radio").nth(option)
    choice.scroll_into_view_if_needed()
    choice.click()
    expect(commit).to_be_enabled()
    click_until(commit, page.get_by_text("Committed:"))


@pytest.mark.slow
def test_a_class_of_thirty(new_context, class_address):
    question = simulated_deck(SEED).questions[0]
    film, reference = question.film(1)
    case = analyze(film, Request(question.model_id))
    prediction = case.prediction
    stated = f"{float(prediction.probabilities[prediction.findings.index(question.model_finding)]):.1%}"
    boxes = [sep.join(map(str, box)) for box in reference.boxes.tolist() for sep in (",", ", ")]
    results = [reference.known_by, question.model_id, stated, '"kind":"truth"', '"kind": "truth"', *boxes]
    assert boxes, "the film shows the finding"

    teacher = new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}).new_page()
    teacher.set_default_timeout(PATIENCE)
    teacher.goto(f"{class_address}/learn?part=Class&deck=simulated&seed={SEED}")
    start = teacher.get_by_role("button", name="Show film 1")
    click_until(teacher.get_by_role("button", name="Open a class with this deck"), start)
    expect(teacher.get_by_text("the server listens only on this computer")).to_be_visible()
    code = re.search(r"class=([A-Z0-9]{6})", teacher.inner_text("body")).group(1)

    phones, traffic = [], []
    for number in range(PHONES):
        size = {"width": PHONE[0], "height": PHONE[1]}
        phone = new_context(viewport=size, has_touch=True, is_mobile=True).new_page()
        phone.set_default_timeout(PATIENCE)
        traffic.append(Traffic(phone))
        phone.goto(f"{class_address}/learn?class={code}")
        join = phone.get_by_role("button", name="Join", exact=True)
        expect(join).to_be_visible()
        if number == 0:
            phone.get_by_role("textbox", name="Nickname").fill("Mustermann")
        click_until(join, phone.get_by_text("You are in"))
        phones.append(phone)
    expect(teacher.get_by_test_id("stMetric")).to_contain_text(str(STUDENTS))
    expect(teacher.get_by_text("Mustermann and 29 without a nickname")).to_be_visible()

    click_until(start, teacher.get_by_text("Committed"))
    for phone in phones:
        expect(phone.get_by_text("Film 1 of 8")).to_be_visible()
    touch_rectangle(phones[0], (0.1, 0.1), (0.6, 0.5))
    expect(phones[0].get_by_text("Your mark is on the film")).to_be_visible()
    answer(phones[0], 0)
    answer(phones[1], 1)
    expect(teacher.get_by_test_id("stMetric")).to_contain_text(f"{STUDENTS - 1} of {STUDENTS}")

    phones[2].get_by_role("radio").nth(1).click()  # entered, but not committed
    expect(phones[2].get_by_role("button", name="Commit", exact=True)).to_be_enabled()
    reveal = teacher.get_by_role("button", name="Reveal")
    click_until(teacher.get_by_role("button", name="Close the answers"), reveal)
    expect(phones[2].get_by_text("The answers are closed")).to_be_visible()
    traffic[2].received()  # bodies are lost in a reload
    phones[2].reload()
    commit = phones[2].get_by_role("button", name="Commit", exact=True)
    expect(commit).to_be_enabled()
    click_until(commit, phones[2].get_by_text("Committed:"))
    expect(teacher.get_by_test_id("stMetric")).to_contain_text(f"{STUDENTS} of {STUDENTS}")
    for phone, received in zip(phones, traffic, strict=True):
        at_rest(phone)
        sent = received.received()
        assert b"film-1.png" in sent, "the film has arrived"
        for told in results:
            assert told.encode() not in sent, f"{told} reached a phone before the reveal"

    click_until(reveal, teacher.get_by_text("The class and the model"))
    for phone, received in zip(phones, traffic, strict=True):
        expect(phone.get_by_text("Reference:")).to_be_visible()
        at_rest(phone)
        sent = received.received()
        for told in (reference.known_by, stated):
            assert told.encode() in sent, f"the search finds {told} where it is"
        assert any(box.encode() in sent for box in boxes), "the search finds the box where it is"
        assert phone.evaluate(FITS)

    right = sum(planted(n, film.pixels.shape).present == reference.present for n in range(STUDENTS - PHONES))
    right += sum(present == reference.present for present in (True, False, False))
    expect(teacher.get_by_text(f"{right} of {STUDENTS} students are correct")).to_be_visible()
    marks = sum(planted(n, film.pixels.shape).present for n in range(STUDENTS - PHONES)) + 1
    expect(teacher.get_by_text(f"The class: {marks} marks, at most {marks} on one place")).to_be_visible()
    at_rest(teacher)
    assert teacher.evaluate(FITS)

    click_until(teacher.get_by_role("button", name="Next film"), teacher.get_by_text("Film 2 of 8"))
    for phone in phones:
        expect(phone.get_by_text("Film 2 of 8")).to_be_visible()
