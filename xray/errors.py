"""Errors that a user can act on: one sentence and a hint."""


class XrayError(Exception):
    """A problem that the user can act on: what is wrong, and a hint what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UnreadableImage(XrayError):
    """The given bytes cannot be read as a radiograph."""


class ModelUnavailable(XrayError):
    """A model is unknown, its weights are missing, or they are not the ones its registry entry names."""


class SampleUnavailable(XrayError):
    """A public sample radiograph could not be fetched, or is not the file it should be."""


class RefusedRadiograph(XrayError):
    """The input gate refuses a film: it does not fit the model, or its orientation is wrong.

    Attributes:
        reason: Why, without the name of the film.
        kind: The rule of the gate that refused it.
        model_id: Id of the model that was to analyze it.
        weights_sha256: Hash of its weights.
        familiarity: See GateResult.
        familiar_region: See GateResult.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        reason: str = "",
        kind: str = "",
        model_id: str = "",
        weights_sha256: str = "",
        familiarity: float | None = None,
        familiar_region: str = "",
    ) -> None:
        super().__init__(message, hint)
        self.reason = reason
        self.kind = kind
        self.model_id = model_id
        self.weights_sha256 = weights_sha256
        self.familiarity = familiarity
        self.familiar_region = familiar_region


class InvalidRequest(XrayError):
    """A request for something that does not exist, such as an unknown finding or method."""


class MethodFailed(XrayError):
    """An explanation method of another package fails, or its result is not a map."""


class UnusableMap(XrayError):
    """A file contains no map that can be checked, or its map does not fit the film."""


class RefusedArchive(XrayError):
    """The file is not an archive, or unpacking it would be harmful."""


class UnusableBundle(XrayError):
    """The file is not a bundle, was changed, or cannot be replayed with the installed versions."""


class UnusableData(XrayError):
    """A data set folder cannot be trained on or evaluated."""


class NarratorFailed(XrayError):
    """A remote narrator did not write a report."""


class HistoryUnavailable(XrayError):
    """The history cannot be opened, read or written, or its key is not the one it was written with."""


class EngineUnavailable(XrayError):
    """The engine of a cohort is not installed, cannot be reached, or fails."""


class PacsUnavailable(XrayError):
    """A PACS cannot be reached, refuses a request, or does not respond as DICOMweb requires."""


class ReceiverUnavailable(XrayError):
    """The receiver of films cannot start."""


class ResultsInTheWay(XrayError):
    """A folder for results already holds other results."""


class AccessDenied(XrayError):
    """The access policy does not let a visitor use a resource of the server."""
