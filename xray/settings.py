"""Settings, read from environment variables with the prefix XRAY_."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
USER_DATA = Path.home() / ".local" / "share" / "xray-dashboard"


class Settings(BaseSettings):
    """Settings of the package; `weights_dir` is the environment variable `XRAY_WEIGHTS_DIR`, and so on."""

    model_config = SettingsConfigDict(env_prefix="XRAY_", frozen=True)

    weights_dir: Path = Field(
        default=ROOT / "weights", description="Folder of the bundled models, their figures and cards."
    )
    cache_dir: Path = Field(
        default=Path.home() / ".cache" / "xray-dashboard",
        description="Folder of downloaded models and samples.",
    )
    data_dir: Path = Field(default=USER_DATA, description="Folder of the SQLite history and its key file.")
    feedback_dir: Path = Field(
        default=USER_DATA / "feedback", description="Folder of corrected boxes, in YOLO format."
    )
    training_data: Path = Field(
        default=ROOT.parent / "shared",
        validation_alias=AliasChoices("XRAY_TRAINING_DATA", "XRAY_SHARED_DIR"),
        description="Folder of the training data (`data/`) and starting weights (`init/`); the old name "
        "`XRAY_SHARED_DIR` is still read.",
    )
    local_files: Literal["loopback", "always", "never"] = Field(
        default="loopback",
        description="Visitors who may open folders of the server: `loopback`: browsers on the same computer, "
        "without a proxy; `always`: everyone; `never`: nobody, and no browser counts as local.",
    )
    device: Literal["cpu", "cuda", "mps"] = Field(default="cpu", description="Device that models run on.")
    loaded_models: int = Field(
        default=12,
        ge=1,
        description="Largest number of networks in memory; the least recently used network is removed first.",
    )
    fetch_timeout: float = Field(default=20.0, description="Timeout of a download request, in seconds.")
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="Database URL of the history, for PostgreSQL; empty for SQLite in `XRAY_DATA_DIR`.",
    )
    history: bool = Field(
        default=False,
        description="Whether the command line, the API and Cohort keep their results in the history.",
    )
    history_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key that encrypts overlays and comments; empty for a key in the system keyring.",
    )
    history_shared: bool = Field(
        default=False,
        description="Whether all visitors and API clients who are not signed in share one history.",
    )
    pacs_url: str = Field(
        default="",
        description="DICOMweb address of the PACS, such as `https://pacs.example/dicom-web`; empty for none.",
    )
    pacs_user: str = Field(default="", description="User name for the PACS (Basic).")
    pacs_password: SecretStr = Field(default=SecretStr(""), description="Password for the PACS (Basic).")
    pacs_token: SecretStr = Field(default=SecretStr(""), description="Bearer token for the PACS.")
    pacs_certificate: Path | None = Field(
        default=None, description="Client certificate for the PACS, a PEM file; it may contain the key."
    )
    pacs_key: Path | None = Field(default=None, description="Key of the client certificate, a PEM file.")
    pacs_ca: Path | None = Field(
        default=None,
        description="PEM file with the certificates to trust instead of the public ones, for a PACS with a "
        "self-signed certificate.",
    )
    pacs_timeout: float = Field(
        default=30.0, gt=0, description="Longest wait for the PACS to connect or to send more, in seconds."
    )
    pacs_mb: int = Field(
        default=256, ge=1, description="Largest response of the PACS that is read, in megabytes."
    )
    pacs_films: int = Field(default=10_000, ge=1, description="Largest number of films of one search.")
    pacs_shared: bool = Field(
        default=False,
        description="Whether visitors who are neither local nor signed in may use the PACS and the received "
        "films.",
    )
    received_dir: Path | None = Field(
        default=None,
        description="Folder of `python -m xray receive`, whose films the Analyze page lists; empty for none.",
    )

    gemini_api_key: SecretStr | None = Field(default=None, description="Gemini API key.")
    gemini_model: str = Field(default="gemini-3.8-flash", description="Gemini model.")
    gemini_project: str = Field(default="", description="Google Cloud project; selects Vertex AI.")
    gemini_location: str = Field(default="global", description="Vertex AI location.")
    gemini_credentials: Path | None = Field(
        default=None, description="Service account file; selects Vertex AI."
    )
    gemini_url: str = Field(default="", description="Base URL of the Gemini API; empty for Google's own.")
    openai_api_key: SecretStr | None = Field(
        default=None, description="API key of the OpenAI-compatible server."
    )
    openai_model: str = Field(default="medgemma", description="Model of the OpenAI-compatible server.")
    openai_url: str = Field(
        default="http://localhost:11434/v1",
        description="URL of the OpenAI-compatible server; default: Ollama.",
    )
    narrator_timeout: float = Field(
        default=60.0, description="Timeout of one language model response, in seconds."
    )
    narrator_attempts: int = Field(
        default=3, description="Largest number of requests to a language model for one report."
    )


@cache
def settings() -> Settings:
    """Return the settings, read from the environment once."""
    return Settings()
