"""The films of a PACS as a cohort."""

from __future__ import annotations

from functools import partial

from xray.cohort.source import File
from xray.errors import PacsUnavailable, UnreadableImage, UnusableData
from xray.io.dicomweb import Pacs, RemoteFilm, place


def pacs_films(url: str) -> list[File]:
    """Search a PACS for films; each is retrieved when it is read.

    Args:
        url: A search, see `xray.io.dicomweb.place`.

    Raises:
        InvalidRequest: If the search is not valid, or too many films match.
        PacsUnavailable: If the PACS cannot be searched.
        UnusableData: If no film matches.
    """
    base, filters = place(url)
    pacs = Pacs(base)
    found = pacs.search(filters)
    if not found:
        raise UnusableData(
            f"No film of {pacs.host} matches the search.", hint="Widen the search, or check its values."
        )
    return [File(f"{film.instance}.dcm", partial(_retrieved, base, film)) for film in found]


def _retrieved(base: str, film: RemoteFilm) -> bytes:
    """Retrieve a film.

    Raises:
        UnreadableImage: If the PACS responds, but does not deliver this film.
        PacsUnavailable: If the PACS does not respond, which ends the work.
    """
    pacs = Pacs(base)
    try:
        return pacs.retrieve(film)
    except PacsUnavailable as error:
        pacs.search({"SOPInstanceUID": film.instance})
        raise UnreadableImage(error.message, error.hint) from error
