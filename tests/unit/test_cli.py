"""The command line as a whole: every command is documented, and help needs nothing to be running."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from touchline.cli.app import app

DOCS = Path(__file__).parents[2] / "docs" / "commands.md"


def commands(group: Any, prefix: str = "touchline") -> list[str]:
    found = []
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        found += commands(command, path) if hasattr(command, "commands") else [path]
    return found


ALL = commands(typer.main.get_group(app))


@pytest.mark.parametrize("command", ALL)
def test_every_command_is_documented(command: str) -> None:
    assert f"| `{command}` |" in DOCS.read_text()


def test_no_documented_command_is_gone() -> None:
    documented = {line.split("`")[1] for line in DOCS.read_text().splitlines() if line.startswith("| `touchline ")}
    assert documented <= set(ALL)


def test_commands_the_design_promises_exist() -> None:
    promised = {
        "demo",
        "up",
        "down",
        "status",
        "run",
        "check-export",
        "query",
        "rollback",
        "generate",
        "report",
        "doctor",
    }
    assert {f"touchline {name}" for name in promised} <= set(ALL)
    assert {"touchline quarantine list", "touchline quarantine show"} <= set(ALL)


def test_help_needs_neither_database_nor_configuration(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("touchline")), "--help"]
    done = subprocess.run(command, env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "check-export" in done.stdout
    assert list(tmp_path.iterdir()) == []
