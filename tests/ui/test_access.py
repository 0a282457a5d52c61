"""Which sign-in buttons are offered; feedback of one visitor is not shown to a second one."""

import numpy as np
import pytest
from streamlit.runtime.secrets import AttrDict
from streamlit.testing.v1 import AppTest

from xray import feedback
from xray.access import Visitor
from xray.feedback import Feedback
from xray.settings import settings
from xray.types import Radiograph
from xray.ui.access import providers


@pytest.mark.parametrize(
    ("auth", "buttons"),
    [
        ({"client_id": "x"}, {"": "Sign in"}),
        (
            {"google": {"client_id": "x"}, "our-clinic": {"client_id": "y"}},
            {"google": "Sign in with Google", "our-clinic": "Sign in with Our clinic"},
        ),
    ],
)
def test_every_provider_has_a_button(auth, buttons):
    shared = {"redirect_uri": "http://localhost/oauth2callback", "cookie_secret": "z"}
    assert providers(AttrDict(shared | auth)) == buttons


@pytest.fixture
def feedback_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_FEEDBACK_DIR", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


def test_each_visitor_sees_and_deletes_the_feedback_of_this_visitor_only(feedback_folder, monkeypatch):
    def page() -> None:
        from xray.ui.fractures.feedback import stored_feedback

        stored_feedback()

    none, radiograph = np.zeros((0, 4), np.float32), Radiograph(np.zeros((8, 8), np.float32), "film.png")
    first, second = (AppTest.from_function(page).run() for _ in range(2))
    giver = Visitor(session=first.session_state["session"].id)
    feedback.keep(radiograph, Feedback(none, none, none), "Fracture", giver)
    for visitor, buttons in ((first, ["Delete all"]), (second, [])):
        visitor.run()
        assert not visitor.exception
        assert [button.label for button in visitor.button] == buttons
    assert str(feedback_folder) not in first.caption[0].value
    with monkeypatch.context() as patched:
        patched.setattr("xray.ui.access.request_origin", lambda *_: "loopback")
        assert not second.run().button, "a local visitor does not see it either"
    first.button[0].click().run()
    assert feedback.kept(giver) == []
