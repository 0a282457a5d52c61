"""The audit panel: nothing runs before the button; then every check shows question and verdict."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from xray.audit import audit
from xray.imaging.phantom import simulated_samples
from xray.models.classifier import load_classifier


def panel_without_films():
    from xray.models.registry import entry
    from xray.ui.models.audit_panel import audit_panel

    audit_panel(entry("pneumonia-mobilenet"))


def panel_with_two_films():
    from tests.conftest import gradient_film
    from xray.models.registry import entry
    from xray.ui.models.audit_panel import audit_panel

    audit_panel(entry("pneumonia-mobilenet"), [gradient_film(96), gradient_film(120)])


@pytest.fixture
def passes():
    """Counts forward passes of the bundled model."""
    counted = []
    handle = load_classifier("pneumonia-mobilenet").module.register_forward_hook(lambda *_: counted.append(1))
    yield counted
    handle.remove()


def written(page: AppTest) -> str:
    return re.sub(r"\\([^\w\s])", r"\1", "\n".join(one.value for one in page.markdown))


@pytest.mark.slow
def test_the_button_shows_every_check_once_and_a_rerun_recomputes_nothing(passes):
    page = AppTest.from_function(panel_without_films, default_timeout=120).run()
    assert "simulated" in page.caption[0].value
    assert not passes
    page.button[0].click().run()
    assert not page.exception
    asked, shown = len(passes), written(page)
    films = [sample.build().radiograph for sample in simulated_samples()]
    for result in audit(load_classifier("pneumonia-mobilenet"), films):
        row = f"**{result.title}** {result.verdict.capitalize()}.  \n{result.why}"
        assert shown.count(row) == 1
    passes.clear()
    page.run()
    assert written(page) == shown
    assert asked
    assert not passes


def test_open_films_are_audited_instead_of_simulated_films():
    page = AppTest.from_function(panel_with_two_films, default_timeout=120).run()
    assert "n = 2" in page.caption[0].value
    page.button[0].click().run()
    assert not page.exception
    assert "2 answered films are too few" in written(page)
