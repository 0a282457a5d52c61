"""The key for film keys, which encrypt thumbnails and comments.

It comes from XRAY_HISTORY_KEY, the system keyring, or a file of mode 0600.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keyring
from cryptography.fernet import Fernet, InvalidToken
from filelock import FileLock
from keyring.backends import fail
from keyring.errors import KeyringError

from xray.atomic import write_atomically
from xray.errors import HistoryUnavailable
from xray.settings import settings

SERVICE, ACCOUNT, KEY_FILE = "xray-dashboard", "history", "history.key"
PATIENCE = 10  # seconds to wait for another process that creates the key
KEY_HINT = (
    'Create one: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())".'
)
WRONG_KEY = HistoryUnavailable(
    "The history was written with another key.",
    hint="Use the key it was written with (XRAY_HISTORY_KEY, the system keyring, or the key file beside "
    "it), or set XRAY_DATA_DIR to an empty folder. Nothing was changed.",
)


@dataclass(frozen=True)
class Key:
    """A Fernet key and a description of where it is stored."""

    fernet: Fernet
    place: str

    def encrypted(self, content: bytes) -> bytes:
        """Encrypt bytes."""
        return self.fernet.encrypt(content)

    def decrypted(self, token: bytes) -> bytes:
        """Decrypt a token. Raises HistoryUnavailable if it was written with another key."""
        try:
            return self.fernet.decrypt(token)
        except InvalidToken as error:
            raise WRONG_KEY from error

    def new_film_key(self) -> bytes:
        """Create a film key, encrypted. Without it the content of the film cannot be decrypted."""
        return self.encrypted(Fernet.generate_key())

    def of_film(self, film_key: bytes | None) -> Key:
        """The key for the content of a film with this encrypted film key, or without one.

        Raises:
            HistoryUnavailable: If the film key was written with another key.
        """
        return self if film_key is None else Key(Fernet(self.decrypted(film_key)), self.place)


def history_key() -> Key:
    """The key from XRAY_HISTORY_KEY, or else a stored key, which is created on first use.

    Raises:
        HistoryUnavailable: If the key is invalid or cannot be stored.
    """
    given = settings().history_key.get_secret_value()
    if given:
        return _key(given, "XRAY_HISTORY_KEY")
    path = settings().data_dir / KEY_FILE
    if not path.exists():  # a key file was created when there was no keyring, and stays in use
        stored = _from_keyring()
        if stored:
            return _key(stored, "the system keyring")
    return _key(_from_file(path), f"the file {path}")


def _key(text: str, place: str) -> Key:
    try:
        return Key(Fernet(text.strip()), place)
    except ValueError as error:
        raise HistoryUnavailable(
            f"{place[:1].upper()}{place[1:]} is not a valid key (32 bytes in URL-safe base64).",
            hint=KEY_HINT,
        ) from error


def _from_keyring() -> str | None:
    """The key in the system keyring, created if missing; None without a usable keyring."""
    if isinstance(keyring.get_keyring(), fail.Keyring):
        return None
    try:
        if not keyring.get_password(SERVICE, ACCOUNT):
            keyring.set_password(SERVICE, ACCOUNT, Fernet.generate_key().decode())
        return keyring.get_password(SERVICE, ACCOUNT)
    except KeyringError:
        return None


def _from_file(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            with FileLock(f"{path}.lock", timeout=PATIENCE, mode=0o600):
                if not path.exists():
                    write_atomically(path, lambda file: file.write(Fernet.generate_key()), private=True)
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise HistoryUnavailable(
            f"The key of the history cannot be stored in {path}.",
            hint="Set XRAY_HISTORY_KEY, or set XRAY_DATA_DIR to a writable folder.",
        ) from error
