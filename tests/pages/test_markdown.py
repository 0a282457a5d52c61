"""Labels of models and names of files are never read as markup, on any page and in any chart."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import dashboard
from xray.learn.deck import Deck, Question
from xray.settings import ROOT, settings
from xray.ui.common.escaping import chart_text, literal
from xray.ui.learn.deck import Run

MODEL, DETECTOR = "findings-cnn", "fracture-yolov8n"
HOSTILE = "[x](javascript:alert(1)) <b> <a href=y> $a$ :red[b] *c* `d` :smile: &lt; %{x}"
TURNED = "\u202e"  # right-to-left override
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
    for model_id in (MODEL, DETECTOR):
        (entry,) = (model for model in registry["model"] if model["id"] == model_id)
        names = {name: f"{name} {TURNED}{HOSTILE}" for name in entry["findings"]}
        entry["findings"] = list(names.values())
        for path in folder.glob(f"{model_id}*.json"):
            replace(path, json.dumps(renamed(json.loads(path.read_text(encoding="utf-8")), names)))
    replace(folder / "registry.toml", tomlkit.dumps(registry))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XRAY_WEIGHTS_DIR", str(folder))
        patched.setenv("XRAY_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patched.setenv("XRAY_HISTORY_SHARED", "true")
        settings.cache_clear()
        dashboard().sidebar.toggle(key="keep results:").set_value(True).run()
        page = dashboard()
        page.sidebar.checkbox(key="keep names:").set_value(True).run()
        page.sidebar.selectbox[0].set_value(MODEL).run()
        page.file_uploader[0].upload(f"{TURNED}{HOSTILE}.png", chest)
        page.run()
        yield page
    settings.cache_clear()


def replace(link: Path, content: str) -> None:
    """Replace a symbolic link by a file."""
    link.unlink()
    link.write_text(content, encoding="utf-8")


def renamed(tree: Any, names: dict[str, str]) -> Any:
    """The tree of a JSON file with other names of findings, also in keys such as "Mass: present"."""
    if isinstance(tree, dict):
        return {renamed(key, names): renamed(value, names) for key, value in tree.items()}
    if isinstance(tree, list):
        return [renamed(value, names) for value in tree]
    if isinstance(tree, str):
        name, colon, rest = tree.partition(":")
        return names.get(name, name) + colon + rest
    return tree


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


def charts(page: AppTest) -> list[str]:
    """The Plotly figures of a page, as JSON."""
    return [chart.proto.spec for chart in page.get("plotly_chart")]


def assert_escaped(page: AppTest) -> None:
    assert not page.exception
    texts = [text for text in markdown(page) if "javascript" in text[2]]
    assert texts
    for kind, field, value in texts:
        rest = value.replace(literal(HOSTILE), "")
        assert "javascript" not in rest, (kind, field, value)
        assert TURNED not in value, (kind, field, value)
    for spec in charts(page):
        rest = json.dumps(json.loads(spec), ensure_ascii=False).replace(chart_text(HOSTILE), "")
        assert "javascript" not in rest, spec
        assert TURNED not in spec


def test_analyze(opened):
    assert_escaped(opened)


def test_compare(opened):
    opened.switch_page("pages/compare.py").run()
    (models,) = (menu for menu in opened.multiselect if menu.label == "Models")
    models.set_value([MODEL]).run()
    assert_escaped(opened)


def test_what_if(opened):
    opened.switch_page("pages/whatif.py").run()
    assert_escaped(opened)
    assert any(
        chart_text(HOSTILE) in json.loads(spec)["layout"]["yaxis"]["ticktext"][0] for spec in charts(opened)
    )


def test_trust(opened):
    opened.switch_page("pages/trust.py").run()
    assert_escaped(opened)


def test_fractures(opened):
    opened.switch_page("pages/fractures.py").run()
    assert_escaped(opened)


@pytest.mark.parametrize("model_id", [MODEL, DETECTOR])
def test_models(opened, model_id):
    opened.switch_page("pages/models.py").run()
    opened.sidebar.selectbox(key="model shown").set_value(model_id).run()
    assert_escaped(opened)
    assert any("javascript" in spec for spec in charts(opened))


def test_a_report(opened):
    opened.switch_page("pages/report.py").run()
    opened.sidebar.selectbox[0].set_value(MODEL).run()
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
    question_panel(Run(Deck("folder", 1, (question,), HOSTILE)), "deck", 0, None)
    reference_panel(film, reference, Answer(True, 0.7, None), question)
    column(question, None)
