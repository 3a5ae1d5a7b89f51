"""Writes a proposed source as YAML that people read: doubts stand beside what they are about."""

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from touchline.scaffold.draft import NOTHING, Draft, Line

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def scalar(value: object) -> str:
    """One YAML scalar on one line; whatever a header holds, it reads back as the same text."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and yaml.safe_load(value) == value:
        return value
    return yaml.safe_dump(value, default_style='"', width=10**9, allow_unicode=True).strip()


def flow(value: Any) -> str:
    """A value in YAML's flow style."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def render(draft: Draft) -> str:
    """The text of the source file."""
    out = [f"# {line}" for line in draft.preamble]
    for line in draft.source:
        out.extend(_line(line, ""))
    out.append("exports:")
    for number, line in enumerate(draft.export):
        out.extend(_line(line, "    ", "  - " if number == 0 else "    "))
    out += ["    into:", f"      - entity: {draft.entity}", "        map:" if draft.is_mapped else "        map: {}"]
    for line in draft.map:
        out.extend(_line(line, "          "))
    return "\n".join(out) + "\n"


def _line(line: Line, indent: str, first: str | None = None) -> list[str]:
    """Doubts above their line: a comment after a long value would not be seen."""
    comments = [f"{indent}# unsure: {doubt}" for doubt in line.doubts]
    if line.is_missing:
        return [*comments, f"{indent}# REQUIRED: {line.key}: ?"]
    if line.value is NOTHING:
        return comments
    return [*comments, f"{indent if first is None else first}{line.key}: {flow(line.value)}"]
