"""The container set-up, checked without an engine: files, names, secrets, ports, commands, health checks."""

import importlib.util
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from cryptography.fernet import Fernet

from touchline.cli.app import app
from touchline.landing.limits import Limits
from touchline.orchestration.airflow_home import PLUGIN
from touchline.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOT = {name for name, service in SERVICES.items() if service.get("restart") == "no"}
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
VARIABLE = re.compile(r"\$\{(\w+)(:\?[^}]+)?\}")
EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
DOCUMENTS = [path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")]
SECRET_NAME = re.compile(r"PASSWORD|SECRET|KEY|TOKEN|CONN|DATABASE_URL")


def make_env(path: Path) -> dict[str, str]:
    subprocess.run([ROOT / "scripts" / "make-env.sh", path], check=True, capture_output=True)
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def copied() -> list[str]:
    return [source for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE) for source in line.split()[:-1]]


def commands() -> list[list[str]]:
    """Every `airflow …` and `touchline …` that a container runs."""
    texts = [" ".join(map(str, service.get("command", []))) for service in SERVICES.values()]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "docker").glob("*.sh")]
    found = re.findall(r"\b(airflow|touchline) ([a-z][a-z -]*)", "\n".join(texts))
    return [[program, *rest.split()] for program, rest in found]


def test_images_are_pinned_and_ours_has_this_version() -> None:
    images = [service["image"] for service in SERVICES.values()] + re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert all(re.fullmatch(r"[\w./-]+:\d[\w.-]*", image) for image in images)
    assert {image for image in images if image.startswith("touchline:")} == {f"touchline:{VERSION}"}


def test_the_image_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["touchline"]
    ours = [service for name, service in SERVICES.items() if name != "postgres"]
    assert all(service["user"].startswith("${TOUCHLINE_UID:?") for service in ours)


def test_everything_the_image_needs_is_copied_and_reaches_the_builder() -> None:
    sources = [source.removeprefix("./") for source in copied()]
    assert {"requirements.lock", "plugins", "dags", "dbt_project", "expectations"} <= set(sources)
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    hidden = {rule.removeprefix("**/") for rule in rules if rule.startswith("**/")}
    for source in sources:
        assert f"!{source}" in rules, source
        assert (ROOT / source).exists(), source
        kept = [path for path in (ROOT / source).rglob("*.*") if "__pycache__" not in path.parts]
        assert not [path for path in kept if hidden & set(path.relative_to(ROOT).parts)]


def test_packages_are_installed_from_the_hashed_lock_alone() -> None:
    install = re.search(r"RUN pip install (.*?)(?:&&|$)", DOCKERFILE, re.MULTILINE)
    assert install is not None
    assert {"--require-hashes", "--no-deps", "--requirement"} <= set(install[1].split())
    assert DOCKERFILE.count("pip install") == 1


def test_every_service_tells_its_health_or_is_awaited_to_its_end() -> None:
    awaited = {
        name
        for service in SERVICES.values()
        for name, condition in service.get("depends_on", {}).items()
        if condition == {"condition": "service_completed_successfully"}
    }
    assert awaited >= ONE_SHOT
    for name, service in SERVICES.items():
        if name not in ONE_SHOT:
            assert service["restart"] == "unless-stopped"
            assert service["healthcheck"]["test"][0] == "CMD"
        if name not in ONE_SHOT | {"postgres"}:
            assert service["healthcheck"]["test"][1:] == ["health.py", name]


def test_dependencies_name_services_with_a_condition_they_can_meet() -> None:
    for service in SERVICES.values():
        for name, needed in service.get("depends_on", {}).items():
            assert needed["condition"] == ("service_completed_successfully" if name in ONE_SHOT else "service_healthy")


def test_ports_are_bound_to_loopback() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(re.fullmatch(r"127\.0\.0\.1:\$\{\w+:\?[^}]+\}:\d+", port) for port in ports)


def test_volumes_are_declared_and_mounted_files_exist() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service["volumes"]]
    sources = {VARIABLE.sub("./dags", mount).split(":")[0] for mount in mounts}
    assert {source for source in sources if not source.startswith(".")} == set(COMPOSE["volumes"])
    assert all((ROOT / source).exists() for source in sources if source.startswith("."))


def test_keys_and_the_warehouse_password_go_only_where_steps_run() -> None:
    with_keys = {name for name, service in SERVICES.items() if any("secrets:" in mount for mount in service["volumes"])}
    with_url = {name for name, service in SERVICES.items() if "TOUCHLINE_DATABASE_URL" in service["environment"]}
    assert with_keys == with_url == {"migrate", "scheduler"}
    watching = {name for name, service in SERVICES.items() if "TOUCHLINE_WATCHER_URL" in service["environment"]}
    assert watching == {"api-server"}


def test_airflow_finds_the_page_in_the_image_as_in_a_state_folder() -> None:
    (folder,) = re.findall(r"AIRFLOW__CORE__PLUGINS_FOLDER=/opt/touchline/(\S+)", DOCKERFILE)
    (plugin,) = (ROOT / folder).glob("*.py")
    assert plugin.read_text(encoding="utf-8") == PLUGIN


def test_no_secret_is_written_down() -> None:
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if not SECRET_NAME.search(name) or name.endswith("_PASSWORDS_FILE"):
                continue
            url = r"\S+://\w+:\$\{\w+:\?[^}]+\}@postgres:5432/\w+"
            assert VARIABLE.fullmatch(value) or re.fullmatch(url, value), name
    assert not any(EXAMPLE.values())


def test_every_variable_is_explained_generated_and_asked_for(tmp_path: Path) -> None:
    used = VARIABLE.findall(COMPOSE_TEXT)
    assert all(demand for _, demand in used)
    assert {name for name, _ in used} == set(EXAMPLE) == set(make_env(tmp_path / ".env"))


def test_secrets_are_random_private_and_of_the_right_shape(tmp_path: Path) -> None:
    first, second = make_env(tmp_path / "a"), make_env(tmp_path / "b")
    secret_names = [name for name in first if SECRET_NAME.search(name)]
    assert len({made[name] for made in (first, second) for name in secret_names}) == 2 * len(secret_names)
    assert all(len(first[name]) >= 44 for name in secret_names)
    assert len(bytes.fromhex(first["AIRFLOW_JWT_SECRET"])) == 64
    Fernet(first["AIRFLOW_FERNET_KEY"])
    assert first["TOUCHLINE_UID"] not in ("", "0")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_values_that_are_there_stay_and_missing_ones_are_added(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("TOUCHLINE_WEB_PORT=9090\nPOSTGRES_PASSWORD=kept\n", encoding="utf-8")
    made = make_env(path)
    assert (made["TOUCHLINE_WEB_PORT"], made["POSTGRES_PASSWORD"]) == ("9090", "kept")
    assert set(made) == set(EXAMPLE)
    assert make_env(path) == made


def test_settings_and_airflow_options_exist() -> None:
    names = {name for service in SERVICES.values() for name in service["environment"]}
    names |= set(re.findall(r"\b((?:AIRFLOW__|TOUCHLINE_)\w+)=", DOCKERFILE))
    airflow = importlib.util.find_spec("airflow")
    assert airflow is not None
    assert airflow.submodule_search_locations
    template = Path(airflow.submodule_search_locations[0]) / "config_templates" / "config.yml"
    options = yaml.safe_load(template.read_text(encoding="utf-8"))
    for name in names:
        if name.startswith("AIRFLOW__"):
            section, option = name.removeprefix("AIRFLOW__").lower().split("__")
            assert option in options[section]["options"], name
    # What scripts of ours read is no setting of the package.
    own = {name.removeprefix("TOUCHLINE_").lower() for name in names if name.startswith("TOUCHLINE_")}
    assert own - {"db_password", "web_password", "watcher_password"} <= {*Settings.model_fields, *Limits.model_fields}


PLACED_BY_THE_IMAGE = {
    "home",
    "project_dir",
    "landing",
    "spool",
    "sources",
    "pg_bin",
    "keys",
    "keys_file",
    "watcher_url",
}
"""Folders are volumes, keys lie in one, no container has an embedded server, and the watcher is the web server's."""


def test_what_users_set_reaches_the_steps() -> None:
    fields = {*Settings.model_fields, *Limits.model_fields}
    told = {name.lower() for text in DOCUMENTS for name in re.findall(r"^\| `TOUCHLINE_(\w+)`", text, re.MULTILINE)}
    assert len(told) > 8
    for service in ("migrate", "scheduler"):
        passed = {name.removeprefix("TOUCHLINE_").lower() for name in SERVICES[service]["environment"]}
        assert fields - PLACED_BY_THE_IMAGE <= passed
        assert told - PLACED_BY_THE_IMAGE <= passed


def test_optional_settings_are_told_with_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that .env leaves out reaches the container empty, which is its default."""
    optional = re.findall(r"\$\{(\w+):-\}", COMPOSE_TEXT)
    told = dict(re.findall(r"^# (TOUCHLINE_\w+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert set(optional) == set(told)
    for name in optional:
        monkeypatch.setenv(name, "")
    fields = Settings().model_dump() | Limits().model_dump()
    for name, default in told.items():
        if default:
            assert str(fields[name.removeprefix("TOUCHLINE_").lower()]).removesuffix(".0") == default, name


def test_the_commands_exist(tmp_path: Path) -> None:
    group = typer.main.get_command(app)
    ours = [rest for program, *rest in commands() if program == "touchline"]
    assert ours
    assert all(rest[0] in group.commands for rest in ours)  # type: ignore[attr-defined]
    theirs = [rest for program, *rest in commands() if program == "airflow"]
    assert len(theirs) == 5
    code = "import json, sys; from airflow.cli.cli_parser import get_parser\n"
    code += "for command in json.loads(sys.argv[1]): get_parser().parse_args(command)"
    environment = os.environ | {"AIRFLOW_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code, json.dumps(theirs)], check=True, env=environment, capture_output=True)


def test_the_entry_script_reaches_the_command_line() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "plugins")}
    command = [sys.executable, ROOT / "docker" / "touchline", "version"]
    done = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == VERSION
    assert all(os.access(ROOT / "docker" / name, os.X_OK) for name in ("touchline", "health.py", "api-server.sh"))


@pytest.fixture
def monitor() -> Iterator[str]:
    """A server that answers as Airflow's monitor does; its triggerer is ill."""
    states = {"metadatabase": "healthy", "scheduler": "healthy", "dag_processor": "healthy", "triggerer": "unhealthy"}

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/api/v2/monitor/health" else 404)
            self.end_headers()
            self.wfile.write(json.dumps({name: {"status": state} for name, state in states.items()}).encode())

        def log_message(self, *args: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Monitor) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/execution/"
        server.shutdown()


@pytest.mark.parametrize(("service", "code"), [("api-server", 0), ("dag-processor", 0), ("triggerer", 1)])
def test_health_is_what_the_monitor_says(monitor: str, service: str, code: int) -> None:
    environment = os.environ | {"AIRFLOW__CORE__EXECUTION_API_SERVER_URL": monitor}
    command = [sys.executable, ROOT / "docker" / "health.py", service]
    assert subprocess.run(command, env=environment, check=False).returncode == code


def test_a_server_that_does_not_answer_is_not_healthy() -> None:
    environment = os.environ | {"AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "http://127.0.0.1:9/"}
    command = [sys.executable, ROOT / "docker" / "health.py", "api-server"]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr.startswith("api-server: ")) == (1, True)


def test_compose_itself_accepts_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], check=False, capture_output=True).returncode:
        pytest.skip("docker compose is not installed here")
    make_env(tmp_path / ".env")
    command = [docker, "compose", "--project-directory", ROOT, "--env-file", tmp_path / ".env", "config", "--quiet"]
    subprocess.run(command, check=True, capture_output=True)
