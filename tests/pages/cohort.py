"""What the tests of the Cohort page share: films, the analysis, and the controls of its views."""

import json

import pandas as pd
from streamlit.proto.Common_pb2 import StringTriggerValue
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import dashboard

MODEL = "findings-cnn"  # the quickest network


def cohort_page() -> AppTest:
    page = dashboard()
    page.switch_page("pages/cohort.py").run()
    page.sidebar.selectbox[0].set_value(MODEL).run()
    assert not page.exception
    return page


def dropped(films: dict[str, bytes]) -> AppTest:
    """The page with two films in its uploader, before it runs."""
    page = cohort_page()
    for name in ("0.png", "1.png"):
        page.file_uploader[0].upload(name, films[f"set/{name}"])
    return page


def begun(page: AppTest) -> AppTest:
    """Waits for the work that the first button begins."""
    next(one for one in page.button if one.label.startswith("Analyze ")).click().run()
    page.session_state["session"].cohort.job.wait(120)
    page.run()
    assert not page.exception
    return page


def lines(page: AppTest) -> pd.DataFrame:
    return next(one.value for one in page.dataframe if "Answer" in one.value.columns)


def click(page: AppTest, number: int) -> None:
    """Click the button of a line of the worklist, for which AppTest has no function."""
    (button,) = (one.proto.button_click_widgets["Open"] for one in page.dataframe if "Open" in one.value)
    states = page._tree.get_widget_states()
    clicked = StringTriggerValue(data=json.dumps({"row": number, "label": "Open"}))
    states.widgets.add(id=button, string_trigger_value=clicked)
    page._run(states)


def choose(page: AppTest, label: str, value: str) -> AppTest:
    next(one for one in (*page.selectbox, *page.segmented_control) if one.label == label).set_value(
        value
    ).run()
    assert not page.exception
    return page


def view(page: AppTest, name: str) -> AppTest:
    return choose(page, "View", name)


def figures(page: AppTest) -> list[dict]:
    return [json.loads(one.proto.spec) for one in page.get("plotly_chart")]
