"""Runs dbt as a subprocess of its own, with its own target and log folder per build and step."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from touchline.builds import Order
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


def build(settings: Settings, build_id: int, order: Order, step: Step, code: str) -> DbtResult:
    """Run and test all nodes tagged `step` for a frozen build; raises TouchlineError naming what failed.

    `code` is the fingerprint of what all models share.
    """
    folder = _folder(settings, build_id)
    _forget_old_builds(folder.parent, build_id)
    asked = {
        "TOUCHLINE_DBT_BUILD_ID": str(build_id),
        "TOUCHLINE_DBT_CODE": code,
        "TOUCHLINE_DBT_INSTANT": order.instant.isoformat(),
        "TOUCHLINE_DBT_AS_OF": order.instant.isoformat() if order.is_as_of else "",
    }
    options = ["--full-refresh"] if order.is_full_refresh else []
    return invoke(settings, folder, step, ["--select", f"tag:{step}", *options], asked)


def models(settings: Settings, build_id: int) -> dict[str, str]:
    """Names of the models of this build, each with the schema of its table."""
    return {node["name"]: node["schema"] for node in _model_nodes(settings, build_id)}


def kept_keys(settings: Settings, build_id: int) -> dict[str, str]:
    """Mart → the column by which it is kept; none if dbt's artefacts of the build are gone."""
    try:
        nodes = _model_nodes(settings, build_id)
    except FileNotFoundError:
        return {}
    kept = [node for node in nodes if node["schema"] == "marts_next" and node["config"]["materialized"] == "by_key"]
    return {node["name"]: node["config"]["key"] for node in kept}


def _model_nodes(settings: Settings, build_id: int) -> list[dict[str, Any]]:
    manifest = json.loads((_folder(settings, build_id) / "manifest.json").read_text(encoding="utf-8"))
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def invoke(settings: Settings, folder: Path, step: Step, arguments: list[str], asked: dict[str, str]) -> DbtResult:
    """One `dbt build` without unit tests (those test the code, not the data). `asked`: environment of this build.

    The project is parsed when it has changed since the build before; logs and results lie in `folder`/`step`.
    """
    own = folder / step
    own.mkdir(parents=True, exist_ok=True)
    _take_over_parsed(folder)
    results = folder / "run_results.json"
    results.unlink(missing_ok=True)
    done = subprocess.run(
        _command(settings, folder, own, arguments),
        env=environment(settings) | asked,
        capture_output=True,
        text=True,
        check=False,
    )
    if not results.exists():
        log = own / "dbt.log"
        told = log.read_text(encoding="utf-8") if log.exists() else ""
        tail = "\n".join((told + done.stdout + done.stderr).splitlines()[-15:])
        raise TouchlineError(f"dbt did not run: {tail}", where=f"step {step}", todo=f"see {log}")
    outcome = json.loads(results.rename(own / results.name).read_text(encoding="utf-8"))
    _raise_on_failure(outcome["results"], step, own)
    if done.returncode != 0:
        raise TouchlineError(f"dbt ended with exit code {done.returncode}", where=f"step {step}", todo=f"see {own}")
    warnings = tuple(node["unique_id"] for node in outcome["results"] if node["status"] == "warn")
    return DbtResult(step, len(outcome["results"]), warnings, float(outcome["elapsed_time"]))


def _command(settings: Settings, folder: Path, own: Path, arguments: list[str]) -> list[str]:
    return [
        str(Path(sys.executable).with_name("dbt")),
        "--no-version-check",
        "--no-use-colors",
        # nobody reads what it prints, and each event would be put into words twice
        "--log-level=none",
        "--log-level-file=debug",
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
        # An instant that is part of a key is written alike by every build, whatever the server's own zone.
        "PGTZ": "UTC",
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
    }


def _folder(settings: Settings, build_id: int) -> Path:
    return settings.home / "dbt" / f"build_{build_id}"


def _take_over_parsed(folder: Path) -> None:
    """What dbt has parsed for a build before; it compares every file with it and parses those that differ."""
    own = folder / "partial_parse.msgpack"
    earlier = sorted(folder.parent.glob(f"build_*/{own.name}"), key=lambda path: path.stat().st_mtime)
    if earlier and not own.exists():
        shutil.copyfile(earlier[-1], own)


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
