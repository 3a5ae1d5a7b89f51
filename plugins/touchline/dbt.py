"""Runs dbt as a subprocess of its own, with its own target and log folder per build and step."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from touchline.errors import TouchlineError
from touchline.settings import Settings
from touchline.warehouse import Role, database_url

Step = Literal["stage", "model", "report"]

BUILDS_KEPT = 20


@dataclass(frozen=True)
class DbtResult:
    """What one invocation did: nodes by status and the slowest of them."""

    step: Step
    nodes: int
    warnings: tuple[str, ...]
    seconds: float


def build(
    settings: Settings, build_id: int, step: Step, code: str, instant: datetime, *, is_as_of: bool, full_refresh: bool
) -> DbtResult:
    """Run and test all nodes tagged `step` for a frozen build; raises TouchlineError naming what failed.

    `code` is the fingerprint of what all models share. Events after `instant` are unknown to the build; with `is_as_of`
    it is an earlier one that was asked for, and every table is made in full.
    """
    folder = _folder(settings, build_id)
    _forget_old_builds(folder.parent, build_id)
    variables = {"build_id": build_id, "code": code, "instant": instant.isoformat()}
    if is_as_of:
        variables["as_of"] = instant.isoformat()
    options = ["--full-refresh"] if full_refresh else []
    return invoke(settings, folder, step, ["--select", f"tag:{step}", "--vars", json.dumps(variables), *options])


def marts(settings: Settings, build_id: int) -> set[str]:
    """Names of the tables that the models of this build make in `marts_next`."""
    manifest = json.loads((_folder(settings, build_id) / "manifest.json").read_text(encoding="utf-8"))
    nodes = manifest["nodes"].values()
    return {node["name"] for node in nodes if node["resource_type"] == "model" and node["schema"] == "marts_next"}


def invoke(settings: Settings, folder: Path, step: Step, arguments: list[str]) -> DbtResult:
    """One `dbt build` without unit tests (those test the code, not the data).

    The steps of a build share `folder`, so that the project is parsed once; logs and results lie in `folder`/`step`.
    """
    own = folder / step
    own.mkdir(parents=True, exist_ok=True)
    results = folder / "run_results.json"
    results.unlink(missing_ok=True)
    command = [
        str(Path(sys.executable).with_name("dbt")),
        "--no-version-check",
        "--no-use-colors",
        "build",
        "--exclude-resource-type",
        "unit_test",
        "--project-dir",
        str(settings.dbt_project_dir),
        "--profiles-dir",
        str(settings.dbt_project_dir),
        "--target-path",
        str(folder),
        "--log-path",
        str(own),
        *arguments,
    ]
    done = subprocess.run(command, env=environment(settings), capture_output=True, text=True, check=False)
    if not results.exists():
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise TouchlineError(f"dbt did not run: {tail}", where=f"step {step}", todo=f"see {own / 'dbt.log'}")
    outcome = json.loads(results.rename(own / results.name).read_text(encoding="utf-8"))
    _raise_on_failure(outcome["results"], step, own)
    if done.returncode != 0:
        raise TouchlineError(f"dbt ended with exit code {done.returncode}", where=f"step {step}", todo=f"see {own}")
    warnings = tuple(node["unique_id"] for node in outcome["results"] if node["status"] == "warn")
    return DbtResult(step, len(outcome["results"]), warnings, float(outcome["elapsed_time"]))


def environment(settings: Settings) -> dict[str, str]:
    """What profiles.yml reads; the password has dbt's secret prefix, so that no log shows it."""
    url = database_url(settings)
    return os.environ | {
        "TOUCHLINE_DBT_HOST": str(url.query.get("host") or url.host or "localhost"),
        "TOUCHLINE_DBT_PORT": str(url.query.get("port") or url.port or 5432),
        "TOUCHLINE_DBT_USER": url.username or "",
        "DBT_ENV_SECRET_TOUCHLINE_PASSWORD": url.password or "",
        "TOUCHLINE_DBT_DATABASE": url.database or "",
        "TOUCHLINE_DBT_ROLE": Role.BUILDER.value,
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
    }


def _folder(settings: Settings, build_id: int) -> Path:
    return settings.home / "dbt" / f"build_{build_id}"


def _forget_old_builds(folder: Path, build_id: int) -> None:
    """Logs and artifacts of the latest builds are kept; older ones are only disk."""
    for path in folder.glob("build_*"):
        if int(path.name.removeprefix("build_")) <= build_id - BUILDS_KEPT:
            shutil.rmtree(path, ignore_errors=True)


def _raise_on_failure(results: list[dict[str, Any]], step: Step, folder: Path) -> None:
    failed = [node for node in results if node["status"] in ("error", "fail")]
    if not failed:
        return
    shown = "; ".join(f"{node['unique_id'].split('.')[2]}: {_first_line(node['message'])}" for node in failed[:3])
    raise TouchlineError(
        f"{len(failed)} dbt node(s) failed: {shown}", where=f"step {step}", todo=f"see {folder / 'dbt.log'}"
    )


def _first_line(message: str | None) -> str:
    return " ".join((message or "no message").split())[:300]


def kept_keys(settings: Settings, build_id: int) -> dict[str, str]:
    """Mart → the column by which it is kept; none if dbt's artefacts of the build are gone."""
    path = _folder(settings, build_id) / "manifest.json"
    if not path.exists():
        return {}
    nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"].values()
    return {
        node["name"]: node["config"]["key"]
        for node in nodes
        if node["resource_type"] == "model"
        and node["schema"] == "marts_next"
        and node["config"]["materialized"] == "by_key"
    }
