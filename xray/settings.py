"""What the environment decides: every setting is an environment variable with the prefix XRAY_."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """XRAY_WEIGHTS_DIR, XRAY_CACHE_DIR and so on: the name of a setting in capitals after XRAY_."""

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

    # narrators that are asked over the network; a project or a credentials file means Vertex AI
    gemini_api_key: SecretStr | None = None
    gemini_model: str = "gemini-3.8-flash"
    gemini_project: str = ""
    gemini_location: str = "global"
    gemini_credentials: Path | None = None
    gemini_url: str = ""
    openai_api_key: SecretStr | None = None
    openai_model: str = "medgemma"
    openai_url: str = "http://localhost:11434/v1"  # Ollama's own
    narrator_timeout: float = 60.0  # seconds, for the whole answer
    narrator_attempts: int = 3


@cache
def settings() -> Settings:
    return Settings()
