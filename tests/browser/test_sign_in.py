"""Sign-in with an OpenID Connect provider in a real browser: name, separate history, sign-out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, serving
from tests.browser.oidc_provider import provider, secrets_toml
from tests.corpus import simulated_png
from xray.history import query
from xray.history.crypto import history_key
from xray.history.opening import FILE, URL
from xray.history.store import Store

SWITCH = "Keep results on this computer"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("sign in")


@pytest.fixture(scope="module")
def address(folder) -> Iterator[str]:
    """A dashboard whose users sign in with a provider on this computer."""
    with provider() as given, pytest.MonkeyPatch.context() as patched:
        (folder / "secrets.toml").write_text(secrets_toml(given.issuer))
        patched.setenv("XRAY_DATA_DIR", str(folder))
        with serving("dashboard.py", f"--secrets.files={folder / 'secrets.toml'}") as address:
            yield address


@pytest.fixture
def page(new_context, address) -> Iterator[Page]:
    page = new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    yield page
    page.close()


def sign_in(page: Page, person: str) -> None:
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    page.get_by_role("link", name=person).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.slow
def test_everyone_signed_in_has_a_history_of_their_own(page, folder):
    expect(page.get_by_text("Never for diagnosis").first).to_be_visible(timeout=3 * PATIENCE)
    expect(page.get_by_text(SWITCH)).to_have_count(0)
    sign_in(page, "anna")
    expect(page.get_by_text("Anna *Arnold*")).to_be_visible()
    page.get_by_text(SWITCH).click()
    expect(page.get_by_text("With file names")).to_be_visible()
    film = {"name": "chest.png", "mimeType": "image/png", "buffer": simulated_png(0)}
    page.locator("input[type=file]").set_input_files(film)
    expect(page.get_by_text("Model predictions")).to_be_visible(timeout=3 * PATIENCE)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("1 film, newest first.")).to_be_visible()
    sign_out(page)
    expect(page.get_by_text("chest.png")).to_have_count(0)

    sign_in(page, "ben")
    expect(page.get_by_text("Ben Bauer")).to_be_visible()
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("Nothing is stored.")).to_be_visible()
    sign_out(page)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("available to signed-in users")).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0

    store = Store(URL.create("sqlite", database=str(folder / FILE)), history_key())
    kept = [one for owner in owners(store) for one in query.page(store, owner, query.Filter())]
    assert len(kept) == 1
    store.close()


def owners(store: Store) -> list[str]:
    """The owners of the rows: address of the provider and identifier."""
    with store.session() as session:
        found = list(session.scalars(query.select(query.Analysis.owner).distinct()))
    assert [one.rsplit(" ", 1)[1] for one in found] == ["anna"]
    return found
