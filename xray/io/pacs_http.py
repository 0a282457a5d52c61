"""HTTP sessions with a PACS: sign-in, certificates, limits, and errors as sentences."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError as TransportError

from xray.errors import PacsUnavailable
from xray.io.decode import DAMAGE
from xray.settings import settings

CHUNK = 2**16  # bytes
LONGEST = 20  # times the timeout: the longest duration of a response
WILDCARDS = {"%2A": "*", "%3F": "?", "%2C": ","}  # older versions of Orthanc do not decode them
PORTS = {"http": 80, "https": 443}


class BoundedAdapter(HTTPAdapter):
    """Reads at most a number of bytes of each response, refuses redirects and web pages."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send a request and read its response.

        Raises:
            PacsUnavailable: If the response is too large, takes too long, is a redirect or a web page.
        """
        request.headers.pop("Host", None)  # dicomweb-client omits the port
        url = str(request.url)
        for escaped, wildcard in WILDCARDS.items():
            url = url.replace(escaped, wildcard)
        request.url, host = url, host_of(url)
        response = super().send(request, *args, **options | {"stream": True})
        try:
            if response.is_redirect:
                raise PacsUnavailable(
                    f"{host} redirects requests to another address.",
                    hint="Sign-in data are not sent there. Set XRAY_PACS_URL to the final address.",
                )
            kind = response.headers.get("Content-Type", "").lower()
            if response.ok and kind.startswith(("text/html", "application/xhtml")):
                raise PacsUnavailable(
                    f"{host} responds with a web page instead of DICOM.",
                    hint="Check the path of the address, which often ends in /dicom-web.",
                )
            if kind.startswith("application/"):  # dicomweb-client knows no parameters
                response.headers["Content-Type"] = kind.partition(";")[0].strip()
            response._content = _body(response, host)
            response._content_consumed = True
        finally:
            response.close()
        return response


def _body(response: requests.Response, host: str) -> bytes:
    """The body of a response, up to the limits of size and duration."""
    limit, end = settings().pacs_mb * 2**20, time.monotonic() + LONGEST * settings().pacs_timeout
    declared = response.headers.get("Content-Length", "")
    body = bytearray()
    if not (declared.isdecimal() and int(declared) > limit):
        for chunk in response.iter_content(CHUNK):
            body += chunk
            if len(body) > limit:
                break
            if time.monotonic() > end:
                raise requests.Timeout
        else:
            return bytes(body)
    raise PacsUnavailable(
        f"A response of {host} has more than {settings().pacs_mb} MB.",
        hint="Narrow the search, or raise XRAY_PACS_MB.",
    )


def session_with(url: str) -> requests.Session:
    """Open a session with a PACS. Sign-in data are used only for the server of XRAY_PACS_URL.

    Raises:
        PacsUnavailable: If XRAY_PACS_URL is not valid, or a file of certificates cannot be read.
    """
    session, chosen = requests.Session(), settings()
    session.trust_env = False  # no password of .netrc, and XRAY_PACS_CA is not replaced
    session.proxies = dict(get_environ_proxies(url))
    session.headers["Accept"] = "application/dicom+json"  # of responses to STOW-RS
    for scheme in PORTS:
        session.mount(f"{scheme}://", BoundedAdapter())
    if not chosen.pacs_url or origin(url) != origin(address(chosen.pacs_url)):
        return session
    for path in (chosen.pacs_ca, chosen.pacs_certificate, chosen.pacs_key):
        if path and not path.is_file():
            raise PacsUnavailable(
                f"There is no certificate file {path}.",
                hint="Check XRAY_PACS_CA, XRAY_PACS_CERTIFICATE and XRAY_PACS_KEY.",
            )
    if chosen.pacs_ca:
        session.verify = str(chosen.pacs_ca)
    if chosen.pacs_certificate:
        certificate = str(chosen.pacs_certificate)
        session.cert = (certificate, str(chosen.pacs_key)) if chosen.pacs_key else certificate
    if token := chosen.pacs_token.get_secret_value():
        session.headers["Authorization"] = f"Bearer {token}"
    elif chosen.pacs_user:
        password = chosen.pacs_password.get_secret_value()
        session.auth = HTTPBasicAuth(chosen.pacs_user.encode(), password.encode())
    return session


def address(url: str) -> str:
    """Check a DICOMweb address and return it without a slash at its end.

    Raises:
        PacsUnavailable: If it is not an address of the scheme http or https, or contains a password.
    """
    parts = _split(url)
    if parts is None or parts.scheme not in PORTS or not parts.hostname:
        raise PacsUnavailable(
            "The address of the PACS is not a URL.", hint="Use an address such as https://HOST/dicom-web."
        )
    if parts.username is not None or parts.password is not None:
        raise PacsUnavailable(
            f"The address of {host_of(url)} contains sign-in data.",
            hint="Set XRAY_PACS_USER and XRAY_PACS_PASSWORD instead.",
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)


def host_of(url: str) -> str:
    """Host and port of a URL, for messages."""
    parts = _split(url)
    if parts is None:
        return "The PACS"
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname or 'The PACS'}{port}"


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


@contextmanager
def pacs_errors(url: str) -> Iterator[None]:
    """Raise the errors of requests and dicomweb-client as PacsUnavailable.

    The errors are not chained: their messages contain the address with the search, and parts of responses.
    """
    host = host_of(url)
    try:
        yield
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        raise _refusal(host, status) from None
    except (requests.exceptions.SSLError, ssl.SSLError) as error:
        raise _certificate_error(host, str(error)) from None
    except requests.Timeout:
        raise PacsUnavailable(
            f"{host} did not respond in time.",
            hint="Check the address and the network, narrow the search, or raise XRAY_PACS_TIMEOUT.",
        ) from None
    except (requests.ConnectionError, TransportError):
        raise PacsUnavailable(
            f"{host} cannot be reached, or closed the connection.",
            hint="Check the host and port of the address, and whether the server needs https.",
        ) from None
    except DAMAGE as error:
        if isinstance(error, requests.RequestException) and not isinstance(error, ValueError):
            raise PacsUnavailable(
                f"The connection with {host} failed.", hint="Check the address and the certificate files."
            ) from None
        raise PacsUnavailable(
            f"{host} sent a response that is not valid DICOM.",
            hint="Check that the address is that of a DICOMweb service, which often ends in /dicom-web.",
        ) from None


def _refusal(host: str, status: int) -> PacsUnavailable:
    if status == 401:
        return PacsUnavailable(
            f"{host} requires a sign-in, or does not accept the one that is set (status 401).",
            hint="Check XRAY_PACS_USER and XRAY_PACS_PASSWORD, XRAY_PACS_TOKEN or XRAY_PACS_CERTIFICATE, and "
            "that XRAY_PACS_URL is the address of this server.",
        )
    if status == 403:
        return PacsUnavailable(
            f"{host} does not permit this request (status 403).",
            hint="Ask its administrator for the right to search, retrieve or store.",
        )
    if status == 404:
        return PacsUnavailable(
            f"{host} has nothing at this address (status 404).",
            hint="Check the path of the address, which often ends in /dicom-web, and that the film still "
            "exists.",
        )
    return PacsUnavailable(
        f"{host} could not process the request (status {status}).",
        hint="Change the search, or see the log of the server." if status < 500 else "Try again later.",
    )


def _certificate_error(host: str, message: str) -> PacsUnavailable:
    if "CERTIFICATE_VERIFY_FAILED" in message:
        return PacsUnavailable(
            f"The certificate of {host} is not trusted: it is self-signed, expired, or of another host.",
            hint="If the server is the right one, save its certificate as a PEM file and set XRAY_PACS_CA to "
            "the path.",
        )
    return PacsUnavailable(
        f"No secure connection with {host} is possible.",
        hint="Check whether the server uses https on this port, and the client certificate.",
    )
