"""What the environment decides: every setting is an environment variable with the prefix XRAY_."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """XRAY_WEIGHTS_DIR, XRAY_CACHE_DIR, XRAY_FEEDBACK_DIR, XRAY_SHARED_DIR, XRAY_DEVICE,
    XRAY_FETCH_TIMEOUT; for the history XRAY_DATA_DIR, XRAY_DATABASE_URL, XRAY_HISTORY_KEY and
    XRAY_HISTORY_SHARED.
    """

    model_config = SettingsConfigDict(env_prefix="XRAY_", frozen=True)

    weights_dir: Path = ROOT / "weights"
    cache_dir: Path = Path.home() / ".cache" / "xray-dashboard"
    feedback_dir: Path = Path.home() / ".local" / "share" / "xray-dashboard" / "feedback"
    shared_dir: Path = ROOT.parent / "shared"  # training data in data/, starting weights in init/
    device: Literal["cpu", "cuda", "mps"] = "cpu"
    fetch_timeout: float = 20.0  # seconds
    data_dir: Path = Path.home() / ".local" / "share" / "xray-dashboard"
    database_url: SecretStr = SecretStr("")  # PostgreSQL; empty: SQLite in data_dir
    history_key: SecretStr = SecretStr("")  # empty: from the system keyring
    history_shared: bool = False  # one history for all who open the page without signing in


@cache
def settings() -> Settings:
    return Settings()
