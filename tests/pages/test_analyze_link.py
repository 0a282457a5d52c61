"""A link to a view of the Analyze page, in process."""

from urllib.parse import parse_qsl

from streamlit.testing.v1 import AppTest

from tests.pages.analyze import menu
from tests.pages.conftest import dashboard
from xray.io.encode import case_facts
from xray.settings import ROOT


def test_a_link_shows_the_same_sample_model_finding_and_method():
    page = dashboard()
    page.sidebar.selectbox[0].set_value("findings-cnn").run()
    page.menu_button[0].click_index(0).run()
    menu(page, "Finding to explain").set_value("Mass").run()
    menu(page, "Method").set_value("layercam").run()
    asked = dict(page.query_params)
    assert asked["model"] == "findings-cnn"
    (link,) = [one.value for one in page.code if "sample=" in one.value]
    assert dict(parse_qsl(link.partition("?")[2])) == asked
    other = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    for name, value in asked.items():
        other.query_params[name] = value
    other.run()
    assert not other.exception
    (one,), (two,) = (shown.session_state["session"].cases.values() for shown in (page, other))
    assert case_facts(one) == case_facts(two)
    assert menu(other, "Finding to explain").value == "Mass"
    assert menu(other, "Method").value == "layercam"
    other.button(key="icon:close:sample:simulated-chest").click().run()
    assert "sample" not in other.query_params
