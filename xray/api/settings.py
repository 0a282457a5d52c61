"""Settings of the API, read from environment variables with the prefix XRAY_API_."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ApiSettings(BaseSettings):
    """Settings of the API; `body_mb` is the environment variable `XRAY_API_BODY_MB`, and so on."""

    model_config = SettingsConfigDict(env_prefix="XRAY_API_", frozen=True)

    tokens: SecretStr = Field(
        default=SecretStr(""), description="Bearer tokens, separated by commas; the API is open without any."
    )
    workers: int = Field(default=2, ge=1, description="Number of requests processed at once.")
    waiting: int = Field(default=16, ge=0, description="Number of queued requests; the next gets status 429.")
    body_mb: float = Field(default=64, gt=0, description="Largest request body, in megabytes.")
    files: int = Field(default=32, ge=1, description="Largest number of films in a request.")
    seconds: float = Field(
        default=60, gt=0, description="Timeout of a request from its first byte, in seconds; then status 504."
    )
    kept_mb: float = Field(default=256, ge=0, description="Memory for the maps behind links, in megabytes.")
    kept_minutes: float = Field(
        default=15, gt=0, description="Lifetime of the maps behind links, in minutes."
    )

    @property
    def token_list(self) -> tuple[str, ...]:
        """The bearer tokens."""
        return tuple(self.tokens.get_secret_value().replace(",", " ").split())

    @property
    def body_bytes(self) -> int:
        """Largest request body in bytes."""
        return int(self.body_mb * 1e6)
