"""Whether the browser runs on this computer, by its address; which sign-in buttons are offered."""

import pytest
from streamlit.runtime.secrets import AttrDict

from xray.ui.access import is_this_computer, providers


@pytest.mark.parametrize("address", [None, "127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_computer_has_many_addresses(address):
    assert is_this_computer(address)


@pytest.mark.parametrize(
    "address", ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "", "localhost.example.org"]
)
def test_any_other_address_is_elsewhere(address):
    assert not is_this_computer(address)


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
