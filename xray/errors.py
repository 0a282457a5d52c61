"""What can go wrong because of an input, said in one sentence with a hint."""


class XrayError(Exception):
    """A problem the user can act on: one sentence saying what is wrong, and a hint saying what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UnreadableImage(XrayError):
    """The bytes given are no radiograph that can be read."""


class ModelUnavailable(XrayError):
    """A model is unknown, its weights are missing, or they are not the ones its registry entry names."""


class SampleUnavailable(XrayError):
    """A public sample radiograph could not be fetched, or is not the file it should be."""


class RefusedRadiograph(XrayError):
    """The input gate refuses a film: it is none for the model asked, or does not lie as it should."""


class InvalidRequest(XrayError):
    """What was asked for does not exist: an unknown finding, or a method that is not registered."""


class RefusedArchive(XrayError):
    """An archive that is none, or that is made to do harm when it is unpacked."""


class UnusableBundle(XrayError):
    """A bundle that is none, is not as it was written, or cannot be replayed with what is installed."""


class UnusableData(XrayError):
    """A data set folder cannot be trained on or evaluated."""


class NarratorFailed(XrayError):
    """A narrator that was asked over the network did not write a report."""


class HistoryUnavailable(XrayError):
    """The history cannot be opened, read or written, or its key is not the one it was written with."""


class EngineUnavailable(XrayError):
    """The engine a cohort was to be worked off with is not installed, cannot be reached, or fails."""


class ResultsInTheWay(XrayError):
    """A folder for results already holds those of something else."""
