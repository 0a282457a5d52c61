"""A DICOM receiver: C-STORE of films and C-ECHO (pynetdicom)."""

from __future__ import annotations

import logging
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from pydicom.uid import UID
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, evt
from pynetdicom.transport import ThreadedAssociationServer

from xray.atomic import write_atomically
from xray.errors import ReceiverUnavailable, UnreadableImage
from xray.io.archive import LARGEST_ENTRY
from xray.io.decode import read_radiograph
from xray.io.film_classes import FILM_CLASSES

VERIFICATION = UID("1.2.840.10008.1.1")  # C-ECHO
ASSOCIATIONS = 4  # at once
SECONDS = 3.0  # for an orderly end
SUCCESS, OUT_OF_RESOURCES, NO_FILM, CANNOT_UNDERSTAND = 0x0000, 0xA700, 0xA900, 0xC000  # PS3.4, table B.2-1

logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)  # its messages may quote headers


class Receiver:
    """Stores the films that other programs send, in a folder, under names from a hash of their contents.

    Args:
        folder: Folder for the films.
        ae_title: Its AE title, which a sender has to call.
        allowed: AE titles that may send; all if empty.
        most_films: Largest number of films in the folder; then films are refused.
        most_bytes: Largest size of the folder.
        stored: Called with the path of each film.
        tls: Context of encrypted connections; without, they are not encrypted.
    """

    def __init__(
        self,
        folder: Path,
        ae_title: str = "XRAY",
        allowed: Sequence[str] = (),
        most_films: int = 1000,
        most_bytes: int = 20 * 2**30,
        stored: Callable[[Path], object] = lambda _: None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.folder, self.most_films, self.most_bytes, self.stored = folder, most_films, most_bytes, stored
        self._tls = tls
        self._writing = threading.Lock()
        self._incoming: Counter[int] = Counter()  # bytes of the current message, by association
        try:
            self._ae = AE(ae_title)
            self._ae.require_calling_aet = list(allowed)
        except (ValueError, TypeError) as error:
            raise ReceiverUnavailable(
                "An AE title is not valid.", hint="Use 1 to 16 letters, digits, hyphens or underscores."
            ) from error
        self._ae.require_called_aet = True
        self._ae.maximum_associations = ASSOCIATIONS
        self._ae.acse_timeout = self._ae.dimse_timeout = self._ae.network_timeout = 60
        self._ae.add_supported_context(VERIFICATION)
        for film_class in FILM_CLASSES:
            self._ae.add_supported_context(film_class, ALL_TRANSFER_SYNTAXES)

    def start(self, address: str, port: int) -> int:
        """Listen in a thread, at an address of this computer.

        Returns:
            The port, for port 0 a free one.

        Raises:
            ReceiverUnavailable: If the folder cannot be made, or the port is in use.
        """
        handlers: list[Any] = [
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_DATA_RECV, self._count),
            (evt.EVT_CONN_CLOSE, self._forget),
        ]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            server = cast(
                ThreadedAssociationServer,  # with block=False
                self._ae.start_server(
                    (address, port), block=False, evt_handlers=handlers, ssl_context=self._tls
                ),
            )
        except OSError as error:
            raise ReceiverUnavailable(
                f"The receiver cannot listen on {address}, port {port}, or write to {self.folder}.",
                hint="Choose another port, and check the address and the folder's permissions.",
            ) from error
        return int(server.server_address[1])

    def stop(self) -> None:
        """End all associations and stop listening; films that were acknowledged are on the disk.

        A connection on which nothing was sent would delay the end; it is left to the end of the process.
        """
        ending = threading.Thread(target=self._ae.shutdown, daemon=True)
        ending.start()
        ending.join(SECONDS)
        with self._writing:
            pass

    def _count(self, event: evt.Event) -> None:
        """Abort an association that sends more than LARGEST_ENTRY bytes in one message."""
        self._incoming[id(event.assoc)] += len(event.data)
        if self._incoming[id(event.assoc)] > LARGEST_ENTRY:
            event.assoc.abort()

    def _forget(self, event: evt.Event) -> None:
        self._incoming.pop(id(event.assoc), None)

    def _store(self, event: evt.Event) -> int:
        """Store a film; return the status of the response (PS3.4, annex B)."""
        self._forget(event)
        try:
            data: bytes = event.encoded_dataset()
        except (AttributeError, ValueError, TypeError):
            return CANNOT_UNDERSTAND
        if len(data) > LARGEST_ENTRY:  # it was complete before the association was aborted
            return OUT_OF_RESOURCES
        try:
            read_radiograph(data, "film.dcm")
        except UnreadableImage:
            return NO_FILM
        path = self.folder / f"{sha256(data).hexdigest()[:32]}.dcm"
        with self._writing:
            sizes = [known.stat().st_size for known in self.folder.glob("*.dcm") if known != path]
            if len(sizes) >= self.most_films or sum(sizes) + len(data) > self.most_bytes:
                return OUT_OF_RESOURCES
            try:
                write_atomically(path, lambda file: file.write(data), private=True)
            except OSError:
                return OUT_OF_RESOURCES
        self.stored(path)
        return SUCCESS
