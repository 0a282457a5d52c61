"""Labels of models and names of files are never read as Markdown, on any page."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import tomlkit
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import dashboard
from xray.learn.deck import Deck, Question
from xray.settings import ROOT, settings
from xray.ui.common.messages import literal
from xray.ui.learn.deck import Run

MODEL = "findings-cnn"
HOSTILE = "[x](javascript:alert(1)) <b> $a$ :red[b] *c*"
PLAIN = {  # fields that Streamlit shows without Markdown
    ("ArrowData", "data"),
    ("BidiComponent", "json"),
    ("Code", "code_text"),
    ("Dataframe", "alt"),
    ("Dataframe", "columns"),
    ("FileUploader", "uploaded_file_info"),
    ("Image", "alt"),
    ("ImageList", "alt"),
    ("MultiSelect", "options"),
    ("MultiSelect", "raw_values"),
    ("PlotlyChart", "alt"),
    ("PlotlyChart", "spec"),
    ("Selectbox", "options"),
    ("Selectbox", "raw_value"),
    ("TextArea", "value"),
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory, chest) -> Iterator[AppTest]:
    """The dashboard with a model whose findings have hostile names, and a film with a hostile name."""
    folder = tmp_path_factory.mktemp("weights")
    for path in (ROOT / "weights").iterdir():
        (folder / path.name).symlink_to(path)
    registry = tomlkit.parse((folder / "registry.toml").read_text(encoding="utf-8"))
    (entry,) = (model for model in registry["model"] if model["id"] == MODEL)
    entry["findings"] = [f"{name} {HOSTILE}" for name in entry["findings"]]
    (folder / "registry.toml").unlink()
    (folder / "registry.toml").write_text(tomlkit.dumps(registry), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XRAY_WEIGHTS_DIR", str(folder))
        patched.setenv("XRAY_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patched.setenv("XRAY_HISTORY_SHARED", "true")
        settings.cache_clear()
        dashboard().sidebar.toggle(key="keep results:").set_value(True).run()
        page = dashboard()
        page.sidebar.checkbox(key="keep names:").set_value(True).run()
        page.sidebar.selectbox[0].set_value(MODEL).run()
        page.file_uploader[0].upload(f"{HOSTILE}.png", chest)
        page.run()
        yield page
    settings.cache_clear()


def strings(message: Message) -> Iterator[tuple[str, str, str]]:
    """Type, field and value of every string in a message."""
    for field, value in message.ListFields():
        repeated = value if hasattr(value, "__iter__") and not isinstance(value, str | bytes) else [value]
        for each in repeated:
            if isinstance(each, Message):
                yield from strings(each)
            elif isinstance(each, str):
                yield message.DESCRIPTOR.name, field.name, each


def markdown(page: AppTest) -> list[tuple[str, str, str]]:
    """Every text of a page that Streamlit may read as Markdown."""
    found: list[tuple[str, str, str]] = []

    def visit(node: Any) -> None:
        if isinstance(getattr(node, "proto", None), Message):
            found.extend(text for text in strings(node.proto) if text[1] not in ("id", "form_id"))
        for child in getattr(node, "children", {}).values():
            visit(child)

    visit(page._tree)
    tables = [("Table", "cells", table.value.to_csv()) for table in page.table]
    return [text for text in found if text[:2] not in PLAIN] + tables


def assert_escaped(page: AppTest) -> None:
    assert not page.exception
    texts = [text for text in markdown(page) if "javascript" in text[2]]
    assert texts
    for kind, field, value in texts:
        rest = value.replace(literal(HOSTILE), "")
        assert "javascript" not in rest, (kind, field, value)


def test_analyze(opened):
    assert_escaped(opened)


def test_compare(opened):
    opened.switch_page("pages/compare.py").run()
    opened.multiselect(key="compared models").set_value([MODEL]).run()
    assert_escaped(opened)


def test_what_if(opened):
    opened.switch_page("pages/whatif.py").run()
    assert_escaped(opened)


def test_a_report(opened):
    opened.switch_page("pages/report.py").run()
    opened.button(key="write report").click().run()
    assert_escaped(opened)


def test_the_history(opened):
    opened.switch_page("pages/history.py").run()
    opened.segmented_control(key="history view").set_value("Over time").run()
    assert_escaped(opened)


def test_a_cohort(opened, chest):
    opened.switch_page("pages/cohort.py").run()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as films:
        films.writestr(f"{HOSTILE}.png", chest)
    opened.file_uploader[0].upload(f"{HOSTILE}.zip", archive.getvalue())
    opened.run()
    next(button for button in opened.button if button.label.startswith("Analyze ")).click().run()
    opened.session_state["session"].cohort.job.wait(120)
    opened.run()
    assert_escaped(opened)
    opened.sidebar.selectbox[0].set_value("pneumonia-mobilenet").run()
    assert_escaped(opened)


def test_a_question_of_a_deck():
    def script() -> None:
        from tests.pages.test_markdown import asked

        asked()

    assert_escaped(AppTest.from_function(script, default_timeout=120).run())


def asked() -> None:
    """Show a question about a finding with a hostile name."""
    import numpy as np

    from xray.learn.scores import Answer, Reference
    from xray.types import Radiograph
    from xray.ui.learn.reveal import column, reference_panel
    from xray.ui.learn.view import question_panel

    film = Radiograph(np.full((40, 40), 0.5, np.float32), f"{HOSTILE}.png")
    reference = Reference(True, np.zeros((0, 4)), HOSTILE)
    question = Question(HOSTILE, MODEL, HOSTILE, lambda: (film, reference))
    question_panel(Run(Deck("folder", 1, (question,), HOSTILE)), "deck", 0)
    reference_panel(film, reference, Answer(True, 0.7, None), question)
    column(question, None)
