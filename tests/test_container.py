"""The container's files: commands are the README's, and what is copied is all that the dashboard needs."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path, PurePosixPath

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sqlalchemy import make_url

from xray.settings import ROOT, Settings

OPENED = """
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("dashboard.py", default_timeout=60).run()
print([one.value for one in page.title], len(page.exception))
"""
FOLDERS = {"XRAY_DATA_DIR", "XRAY_CACHE_DIR", "XRAY_FEEDBACK_DIR"}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with what follows them, line by line."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in whole.splitlines() if line.strip()]


STEPS = instructions()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())


def of(kind: str) -> list[str]:
    return [rest.strip() for name, rest in STEPS if name == kind]


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for rest in of("ENV") for pair in shlex.split(rest))


def copied() -> list[tuple[str, str]]:
    """What is copied, and where to."""
    return [(source, words[-1]) for rest in of("COPY") for words in [rest.split()] for source in words[:-1]]


def test_its_commands_are_those_of_the_readme():
    commands = [
        command.replace(" -c requirements.lock", "") for command in of("RUN") if command.startswith("pip")
    ]
    commands.append(" ".join(json.loads(of("CMD")[0])))
    assert f"```\n{' && '.join(commands)}\n```" in (ROOT / "README.md").read_text()
    up = re.search(r"docker compose .*", (ROOT / "compose.yaml").read_text())[0]
    assert up in (ROOT / "README.md").read_text()


def test_what_it_copies_exists_and_is_let_through():
    let_through = set((ROOT / ".dockerignore").read_text().split())
    assert "*" in let_through, "all else stays outside"
    for source, _ in copied():
        assert list(ROOT.glob(source)), source
        assert f"!{source}" in let_through, source
    assert {name[1:] for name in let_through if name.startswith("!")} == {source for source, _ in copied()}


def test_it_runs_as_a_user_without_rights_and_writes_to_its_volume_alone():
    assert int(of("USER")[-1]) > 0
    assert STEPS.index(("USER", of("USER")[-1])) < STEPS.index(("CMD", of("CMD")[0]))
    (volume,) = of("VOLUME")
    assert environment().keys() >= FOLDERS
    for name in FOLDERS:
        assert PurePosixPath(environment()[name]).is_relative_to(volume), name


def test_packages_come_from_public_places():
    hosts = re.findall(r"https?://([^/:'\s]+)", (ROOT / "Dockerfile").read_text())
    assert set(hosts) == {"download.pytorch.org", "127.0.0.1"}
    assert of("FROM") == ["python:3.11-slim"]
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_the_lock_pins_every_package_that_the_requirements_name():
    """Every requirement has exactly one pinned version, within its bounds."""
    pinned: dict[str, str] = {}
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if not line.startswith("#"):
            name, version = line.split(" ;")[0].split("==")
            assert canonicalize_name(name) not in pinned, name
            pinned[canonicalize_name(name)] = version.strip()
    for listed in sorted(ROOT.glob("requirements*.txt")):
        for line in listed.read_text().splitlines():
            if line.strip() and not line.startswith(("#", "-r ")):
                required = Requirement(line.split("  #")[0])
                assert required.specifier.contains(pinned[canonicalize_name(required.name)]), line


def test_compose_sets_what_is_a_setting_and_holds_no_password():
    fields = {f"XRAY_{name.upper()}" for name in Settings.model_fields}
    given = [pair for service in COMPOSE["services"].values() for pair in service["environment"].items()]
    set_here = {name for name, _ in given} | environment().keys()
    assert {name for name in set_here if name.startswith("XRAY_")} <= fields
    passwords = {name: value for name, value in given if re.search("PASSWORD|AUTH_METHOD", name)}
    assert passwords.keys() == {"PGPASSWORD", "POSTGRES_PASSWORD", "XRAY_PACS_PASSWORD"}
    assert passwords.pop("XRAY_PACS_PASSWORD") == "${XRAY_PACS_PASSWORD:-}"
    users = COMPOSE["services"]["orthanc"]["environment"]["ORTHANC__REGISTERED_USERS"]
    assert users == '{"xray": "${XRAY_PACS_PASSWORD:-}"}'
    assert all(re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}", value) for value in passwords.values())
    assert ".env" in (ROOT / ".gitignore").read_text().split()
    assert "!.env" not in (ROOT / ".dockerignore").read_text().split()


def test_the_address_that_compose_sets_names_its_database_without_a_password(monkeypatch):
    dashboard, database = (COMPOSE["services"][name]["environment"] for name in ("dashboard", "database"))
    monkeypatch.setenv("XRAY_DATABASE_URL", dashboard["XRAY_DATABASE_URL"])
    url = make_url(Settings().database_url.get_secret_value())
    assert url.get_backend_name() == "postgresql"
    assert (url.username, url.database) == (database["POSTGRES_USER"], database["POSTGRES_DB"])
    assert url.host in COMPOSE["services"]
    assert url.password is None


def test_in_compose_all_that_is_written_to_is_a_volume_or_in_memory():
    written_to = {
        "dashboard": [*of("VOLUME"), *(environment()[name] for name in (*FOLDERS, "HOME")), "/tmp"],
        "database": ["/var/lib/postgresql/data", "/var/run/postgresql", "/tmp"],  # of the image postgres
    }
    started = {name for name, service in COMPOSE["services"].items() if "profiles" not in service}
    assert written_to.keys() == started
    for name, folders in written_to.items():
        service = COMPOSE["services"][name]
        assert service["read_only"] is True, name
        volumes = dict(mount.split(":") for mount in service["volumes"])
        assert volumes.keys() <= COMPOSE["volumes"].keys(), name
        writable = [*volumes.values(), *service["tmpfs"]]
        for folder in folders:
            assert any(PurePosixPath(folder).is_relative_to(one) for one in writable), (name, folder)


def test_compose_opens_the_dashboard_to_this_computer_alone_and_waits_for_the_database():
    dashboard, database = COMPOSE["services"]["dashboard"], COMPOSE["services"]["database"]
    assert dashboard["depends_on"]["database"]["condition"] == "service_healthy"
    ready = database["healthcheck"]["test"]
    assert ready[:2] == ["CMD", "pg_isready"]
    assert ready[ready.index("--username") + 1] == database["environment"]["POSTGRES_USER"]
    assert ready[ready.index("--dbname") + 1] == database["environment"]["POSTGRES_DB"]
    assert dashboard["ports"], "the dashboard is reached"
    published = [*dashboard["ports"], *COMPOSE["services"]["orthanc"]["ports"]]
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert "ports" not in database, "nobody outside reaches the database"


@pytest.fixture
def image(tmp_path) -> Path:
    """A folder with what the Dockerfile copies, and nothing else."""
    app = tmp_path / "app"
    app.mkdir()
    for source, target in copied():
        for found in ROOT.glob(source):
            to = app / (found.name if target == "./" else target)
            if found.is_dir():
                shutil.copytree(found, to, ignore=shutil.ignore_patterns("__pycache__", "secrets.toml"))
            else:
                shutil.copy(found, to)
    return app


@pytest.mark.slow
def test_what_is_copied_serves_healthily_and_writes_nothing_beside_the_volume(image, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in image.rglob("*")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    inside = {name: value.replace("/data", f"{tmp_path}/data") for name, value in environment().items()}
    inside |= {"HOME": str(tmp_path / "home"), "STREAMLIT_SERVER_PORT": str(port)}
    inside["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    (tmp_path / "home").mkdir()
    health = json.loads(of("HEALTHCHECK")[0].split("CMD", 1)[1])
    asked = [sys.executable, *health[1:-1], health[-1].replace(":8501", f":{port}")]
    with subprocess.Popen(json.loads(of("CMD")[0]), cwd=image, env=inside) as server:
        try:
            for _ in range(100):
                if healthy := subprocess.run(asked, capture_output=True).returncode == 0:
                    break
                time.sleep(0.3)
            assert healthy
            page = subprocess.run([sys.executable, "-c", OPENED], cwd=image, env=inside, capture_output=True)
            assert page.stdout.decode().endswith("['Analyze a radiograph'] 0\n"), page.stderr.decode()
        finally:
            server.terminate()
    assert {path: path.stat().st_mtime_ns for path in image.rglob("*")} == before


def test_in_compose_no_request_is_local_and_the_history_is_off_by_default():
    environment_of = COMPOSE["services"]["dashboard"]["environment"]
    assert environment_of["XRAY_LOCAL_FILES"] == "never"
    assert environment_of["XRAY_HISTORY_SHARED"] == "${XRAY_HISTORY_SHARED:-false}"
