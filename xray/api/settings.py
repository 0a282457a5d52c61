"""What the environment decides of the API: environment variables with the prefix XRAY_API_."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ApiSettings(BaseSettings):
    """tokens: bearer tokens, separated by commas or spaces; without any the API is open.

    workers: requests worked on at once. waiting: those that may wait besides; the next is told to come back.
    body_mb: the largest request. files: the most films in one. seconds: how long a request may take, from its
    first byte. kept_mb, kept_minutes: how much of the answers, and how long, is kept for their maps.
    """

    model_config = SettingsConfigDict(env_prefix="XRAY_API_", frozen=True)

    tokens: SecretStr = SecretStr("")
    workers: int = Field(default=2, ge=1)
    waiting: int = Field(default=16, ge=0)
    body_mb: float = Field(default=64, gt=0)
    files: int = Field(default=32, ge=1)
    seconds: float = Field(default=60, gt=0)
    kept_mb: float = Field(default=256, ge=0)
    kept_minutes: float = Field(default=15, gt=0)

    @property
    def token_list(self) -> tuple[str, ...]:
        return tuple(self.tokens.get_secret_value().replace(",", " ").split())

    @property
    def body_bytes(self) -> int:
        return int(self.body_mb * 1e6)
