"""The REST API: the pipeline over HTTP."""

from xray.api.server import application, serve
from xray.api.settings import ApiSettings

__all__ = ["ApiSettings", "application", "serve"]
