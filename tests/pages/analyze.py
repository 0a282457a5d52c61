"""What the tests of the Analyze page share: opening films, and finding controls."""

from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import dashboard, viewers


def opened(*files: tuple[str, bytes]) -> AppTest:
    """The dashboard with uploaded films."""
    page = dashboard()
    for name, data in files:
        page.file_uploader[0].upload(name, data)
    return page.run() if files else page


def menu(page: AppTest, label: str) -> Any:
    return next(one for one in page.selectbox if one.label == label)


def insist(page: AppTest) -> None:
    """Analyze a film that the gate refuses."""
    for button in page.button:
        if button.label == "Analyze anyway":
            button.click().run()


def sent(page: AppTest) -> dict[str, Any]:
    """The data of the viewer; the address of its still picture is a hash of the drawing."""
    (viewer,) = viewers(page)
    return viewer
