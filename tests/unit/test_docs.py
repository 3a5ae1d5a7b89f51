"""The documentation says what is so: mapping options, examples, links, commands, tables and alert sections."""

import ast
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from pydantic import BaseModel, TypeAdapter

from touchline import expressions, mapping, sources
from touchline.alerting.alerts import Kind
from touchline.cli.app import app
from touchline.contracts import load_contracts
from touchline.settings import AlertRoute, Settings
from touchline.warehouse import AWAY

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
MAPPINGS = (ROOT / "docs" / "mappings.md").read_text(encoding="utf-8")
CONTRACTS = load_contracts(ROOT / "expectations" / "contracts")
MODELS: list[type[BaseModel]] = [
    found
    for module in (mapping, expressions)
    for found in vars(module).values()
    if isinstance(found, type)
    and issubclass(found, BaseModel)
    and found.__module__ == module.__name__
    and not found.__name__.startswith("_")
]
PARTS: dict[str, Any] = {
    "format": mapping.Format,
    "values": mapping.Values,
    "completeness": mapping.Completeness,
    "target": mapping.Target,
    "condition": expressions.Condition,
    "map": dict[str, expressions.Expression],
}


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def section(name: str) -> str:
    found = re.search(rf"^(#+) {name}\n(.*?)(?=^#|\Z)", MAPPINGS, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/mappings.md has no section {name}"
    return found[2]


def yaml_blocks() -> list[tuple[str, str]]:
    """(what it is an example of, text) of every YAML block; a list may indent a block."""
    blocks: list[tuple[str, str]] = []
    for page in PAGES:
        for _, kind, body in re.findall(r"^( *)```yaml ?(\w*)\n(.*?)^\1```", text_of(page), re.MULTILINE | re.DOTALL):
            blocks.append((kind, textwrap.dedent(body)))
    return blocks


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_option_of_a_mapping_is_documented(model: type[BaseModel]) -> None:
    documented = set(re.findall(r"^\| `(\w+)` \|", section(model.__name__), re.MULTILINE))
    assert documented == {field.alias or name for name, field in model.model_fields.items()}


def test_every_kind_of_expression_is_shown_by_an_example() -> None:
    examples = [yaml.safe_load(body) for kind, body in yaml_blocks() if kind == "map"]
    shown = [TypeAdapter(PARTS["map"]).validate_python(example) for example in examples]
    kinds = {type(expression) for example in shown for expression in example.values()}
    assert kinds == set(expressions._NODES.values())


@pytest.mark.parametrize(("kind", "body"), yaml_blocks())
def test_every_example_is_accepted(kind: str, body: str, tmp_path: Path) -> None:
    if kind == "source":
        path = tmp_path / f"{yaml.safe_load(body)['source']}.yml"
        path.write_text(body, encoding="utf-8")
        sources.check_source(sources.read_source(path), CONTRACTS, path)
    else:
        TypeAdapter(PARTS[kind]).validate_python(yaml.safe_load(body))


def test_documented_defaults_of_a_source_are_the_real_ones() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| `([^`]*)` \|$", section("Source"), re.MULTILINE))
    real = {name: field.default for name, field in mapping.Source.model_fields.items() if name in rows}
    assert rows == {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in real.items()}
    assert {"brand", "timezone", "currency", "required", "error_budget", "alert_route", "schedule"} == set(rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^ *```.*?^ *```", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)]+)\)", prose):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        other = (page.parent / name).resolve() if name else page
        assert other.exists(), target
        assert not anchor or anchor in anchors(other), target


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_incident_has_a_section_in_the_runbook(kind: Kind) -> None:
    page = text_of(ROOT / Settings.model_fields["runbook_url"].default)
    found = re.search(rf"^## {kind}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found is not None
    for heading in ("**What it means.**", "**What readers see.**", "**What to do.**"):
        assert heading in found[1]


def test_errors_name_kinds_of_incidents() -> None:
    code = [text_of(path) for path in (ROOT / "plugins" / "touchline").rglob("*.py")]
    named = {name for text in code for name in re.findall(r"^ +runbook = \"([\w-]+)\"", text, re.MULTILINE)}
    assert {"component-too-large", AWAY} <= named | {AWAY} <= set(Kind)


def test_every_setting_of_alerts_is_documented() -> None:
    page = text_of(ROOT / "docs" / "alerts.md")
    names = [
        name for name in Settings.model_fields if name.startswith(("alert_", "heartbeat_", "overdue_", "runbook_"))
    ]
    assert len(names) == 6
    for name in names:
        assert f"| `TOUCHLINE_{name.upper()}` |" in page
    for name in AlertRoute.model_fields:
        assert f"`{name}`" in page


def test_every_fault_has_the_tests_that_its_page_names() -> None:
    rows = [row for row in text_of(ROOT / "docs" / "faults.md").splitlines() if row.startswith("| ") and "`" in row]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)((?:::\w+)+)`", row.split("|")[3])
        assert named, row
        for path, names in named:
            node: ast.AST = ast.parse(text_of(ROOT / "tests" / path))
            for name in names.removeprefix("::").split("::"):
                found = {child.name: child for child in ast.iter_child_nodes(node) if hasattr(child, "name")}
                assert name in found, f"{path}{names}"
                node = found[name]


def test_commands_named_in_the_documentation_exist() -> None:
    group = typer.main.get_command(app)
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    for page in PAGES:
        code = re.findall(r"`([^`\n]+)`|^ *\$ (.+)$", text_of(page), re.MULTILINE)
        lines = "\n".join(inline or console for inline, console in code)
        for program, name in re.findall(r"\b(touchline|make) ([a-z][a-z-]*)", lines):
            known = group.commands if program == "touchline" else targets  # type: ignore[attr-defined]
            assert name in known, f"{page.name}: {program} {name}"


def test_every_mart_is_listed_and_what_the_readme_names_exists() -> None:
    models = {path.stem for path in (ROOT / "dbt_project" / "models" / "marts").rglob("*.sql")}
    mart = re.compile(r"`((?:rpt|fct|dim)_\w+)`")
    listed = re.findall(mart, text_of(ROOT / "docs" / "marts.md"))
    assert sorted(listed) == sorted(models)
    assert set(re.findall(mart, text_of(ROOT / "README.md"))) <= models


def test_the_schemas_of_the_architecture_page_are_those_of_the_warehouse() -> None:
    scripts = [text_of(path) for path in (ROOT / "plugins" / "touchline" / "migrations").glob("*.sql")]
    scripts += [text_of(ROOT / "plugins" / "touchline" / name) for name in ("warehouse.py", "publish.py")]
    created = set(re.findall(r"create schema (?:if not exists )?(\w+)", "\n".join(scripts)))
    table = re.search(r"^## Schemas\n(.*?)^## ", text_of(ROOT / "docs" / "architecture.md"), re.MULTILINE | re.DOTALL)
    assert table is not None
    rows = re.findall(r"^\| (`.+?) \|", table[1], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert created | {"marts_previous", "marts_idle"} == named


def test_the_readme_stays_short_and_decisions_keep_their_form() -> None:
    assert len(text_of(ROOT / "README.md").splitlines()) <= 200
    for number, page in enumerate(sorted((ROOT / "docs" / "decisions").glob("*.md")), start=1):
        assert page.name.startswith(f"{number:04d}-")
        assert text_of(page).startswith(f"# {number}. ")
        assert re.findall(r"^\*\*(\w+)\.\*\*", text_of(page), re.MULTILINE) == ["Context", "Decision", "Consequences"]
