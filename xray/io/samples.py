"""Public sample radiographs, downloaded on request and checked by sha256."""

from __future__ import annotations

import logging
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import urlsplit

import pooch
import requests

from xray.errors import SampleUnavailable
from xray.settings import settings

SAMPLES = Path(__file__).with_suffix(".toml")
OFFLINE_HINT = "Upload a radiograph of your own or choose a simulated one."


@dataclass(frozen=True)
class Sample:
    """A radiograph of a public data set.

    Attributes:
        id: Short name.
        kind: Body region.
        what: Data set and name of the film.
        truth: Label in the data set.
        url: Address of the file.
        sha256: 64 hex digits.
        bytes: Size of the file.
        licence: Licence of the film.
    """

    id: str
    kind: Literal["chest", "limb"]
    what: str
    truth: str
    url: str
    sha256: str
    bytes: int
    licence: str

    @property
    def title(self) -> str:
        """Name in a list, such as "NIH ChestX-ray14 00000001_002: Cardiomegaly, Effusion"."""
        return f"{self.what}: {self.truth.replace('|', ', ')}"

    @property
    def file_name(self) -> str:
        """File name of the downloaded sample."""
        return self.id + PurePosixPath(urlsplit(self.url).path).suffix


@cache
def public_samples() -> tuple[Sample, ...]:
    """All public samples, in the order of samples.toml."""
    entries = tomllib.loads(SAMPLES.read_text(encoding="utf-8"))["sample"]
    return tuple(Sample(**entry) for entry in entries)


def fetch_sample(sample: Sample) -> bytes:
    """Return the file of a sample from the cache or, if it is not there, from its address.

    Raises:
        SampleUnavailable: If it cannot be downloaded or stored, or is another file.
    """
    pooch.get_logger().setLevel(logging.CRITICAL)
    try:
        path = pooch.retrieve(
            url=sample.url,
            known_hash=f"sha256:{sample.sha256}",
            fname=sample.file_name,
            path=settings().cache_dir / "samples",
            downloader=pooch.HTTPDownloader(progressbar=False, timeout=settings().fetch_timeout),
        )
        return Path(path).read_bytes()
    except requests.HTTPError as error:
        status = getattr(error.response, "status_code", "an error")
        raise SampleUnavailable(
            f"The server answered {status} for the sample {sample.id}.", OFFLINE_HINT
        ) from error
    except requests.Timeout as error:
        raise SampleUnavailable(
            f"The sample {sample.id} did not arrive within {settings().fetch_timeout:g} seconds.",
            OFFLINE_HINT,
        ) from error
    except requests.RequestException as error:
        raise SampleUnavailable(
            f"The sample {sample.id} cannot be downloaded: the connection to its server failed.", OFFLINE_HINT
        ) from error
    except ValueError as error:
        raise SampleUnavailable(
            f"What the server sent for the sample {sample.id} is another file: its sha256 is wrong.",
            OFFLINE_HINT,
        ) from error
    except OSError as error:
        raise SampleUnavailable(
            f"The sample {sample.id} cannot be kept in {settings().cache_dir}.",
            "Make that folder writable or name another one in XRAY_CACHE_DIR.",
        ) from error
