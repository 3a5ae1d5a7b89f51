"""What models kept by key declare, held against the graph: a change nobody follows would leave old rows behind."""

import re
from typing import Any

import pytest

from touchline.identity.changes import FOLLOWED

STOOD_ON = {"int_landmark_weeks"}
"""Their rows are part of the fingerprint of whoever reads them."""
CONSTANT = {"int_brand_sources", "int_issue_map", "int_labour_rates", "int_brand_horizons"} | STOOD_ON
"""They follow from the sources' attributes, seeds and `as_of`: the fingerprint and the due dates answer for these."""


@pytest.fixture(scope="module")
def nodes(dbt_artifacts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Models by name."""
    found = dbt_artifacts["manifest"]["nodes"].values()
    return {node["name"]: node for node in found if node["resource_type"] == "model"}


@pytest.fixture(scope="module")
def kept_by_key(nodes: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    kept = {name: node for name, node in nodes.items() if node["config"]["materialized"] == "by_key"}
    assert len(kept) > 20
    return kept


def changes(node: dict[str, Any]) -> list[dict[str, Any]]:
    declared: list[dict[str, Any]] = node["config"]["changed_by"]
    return declared


def followed(node: dict[str, Any]) -> set[str]:
    return {change["model"] for change in changes(node) if "model" in change}


def parents(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> set[str]:
    return {name for parent in node["depends_on"]["nodes"] if (name := parent.split(".")[-1]) in nodes}


def ancestors(name: str, nodes: dict[str, dict[str, Any]]) -> set[str]:
    direct = parents(nodes[name], nodes)
    return direct.union(*(ancestors(parent, nodes) for parent in direct))


def indexed(node: dict[str, Any]) -> set[str]:
    config = node["config"]
    return {index["columns"][0] for index in config.get("indexes", [])}.union(config.get("sparse_indexes", []))


def unfollowed(name: str, node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> set[str]:
    """What the model reads, through tables it does not follow, whose changes would pass it by."""
    if name in followed(node) or name in CONSTANT:
        return set()
    above = parents(nodes[name], nodes)
    reads_raw = any(source.startswith("source.touchline.raw") for source in nodes[name]["depends_on"]["nodes"])
    if reads_raw or not above:
        return {name}
    return set().union(*(unfollowed(parent, node, nodes) for parent in above))


def test_marts_are_kept_as_they_declare(nodes: dict[str, dict[str, Any]]) -> None:
    for name, node in nodes.items():
        if node["schema"] == "marts_next":
            is_kept = node["config"]["materialized"] == "by_key"
            assert is_kept == (node["config"]["meta"]["update_class"] == "by_key"), name


def test_every_table_read_is_followed(nodes: dict[str, Any], kept_by_key: dict[str, Any]) -> None:
    for name, node in kept_by_key.items():
        if any("raw" in change for change in changes(node)):
            continue
        missed = set().union(*(unfollowed(parent, node, nodes) for parent in parents(node, nodes)))
        assert not missed, f"{name} does not follow {missed}"


def test_what_stands_on_a_table_says_so(nodes: dict[str, Any], kept_by_key: dict[str, Any]) -> None:
    declared = {name: node["config"].get("stands_on") for name, node in kept_by_key.items()}
    for name, node in kept_by_key.items():
        assert parents(node, nodes) & STOOD_ON == {declared[name]} - {None}, name
    assert set(declared.values()) - {None} == STOOD_ON


def test_what_is_followed_is_logged_upstream(nodes: dict[str, Any], kept_by_key: dict[str, Any]) -> None:
    for name, node in kept_by_key.items():
        for change in changes(node):
            if "model" not in change:
                continue
            parent = nodes[change["model"]]
            assert change["model"] in ancestors(name, nodes), (
                f"{name} follows {change['model']}, which it does not read"
            )
            logged = {parent["config"]["key"], *parent["config"].get("logs", [])}
            assert change.get("logged", node["config"]["key"]) in logged, f"{name}: {change}"


def test_what_is_logged_is_followed(kept_by_key: dict[str, Any]) -> None:
    """A change log nobody reads costs every build."""
    read = {
        (change["model"], change.get("logged", node["config"]["key"]))
        for node in kept_by_key.values()
        for change in changes(node)
        if "model" in change
    }
    read.update(FOLLOWED)
    for name, node in kept_by_key.items():
        assert {(name, column) for column in node["config"].get("logs", [])} <= read, name


def test_looked_up_columns_are_indexed(nodes: dict[str, Any], kept_by_key: dict[str, Any]) -> None:
    """A key, and a column by which changed keys are looked up, are found without reading the table."""
    for name, node in kept_by_key.items():
        assert node["config"]["key"] in indexed(node), name
        for change in changes(node):
            if "through" in change:
                bearer = node if change["through"] == "this" else nodes[change["through"]]
                assert change["through"] == "this" or change["through"] in ancestors(name, nodes), f"{name}: {change}"
                columns = change.get("due") or change.get("over") or [change.get("on") or change.get("logged")]
                assert set(columns) <= indexed(bearer), f"{name}: {change}"


def test_views_that_are_read_by_key_can_be_taken_apart(nodes: dict[str, Any], kept_by_key: dict[str, Any]) -> None:
    """Postgres does not look up the keys of a join within a view that begins with `with`: it reads all of it."""
    read = {name for node in kept_by_key.values() for name in parents(node, nodes)}
    views = {name for name in read if nodes[name]["config"]["materialized"] == "view"}
    assert views
    for name in views:
        assert not re.search(r"^\s*with\b", nodes[name]["raw_code"], re.MULTILINE), name


def test_a_table_that_is_not_cut_is_read_by_one_expression(nodes: dict[str, Any], kept_by_key: dict[str, Any]) -> None:
    """One that is used twice is made in full before either use, and searched without an index."""
    for name, node in kept_by_key.items():
        code = node["raw_code"]
        expressions = dict(re.findall(r"^(\w+) as \(\n(.*?)^\)", code, re.MULTILINE | re.DOTALL))
        for expression, body in expressions.items():
            tables = set(re.findall(r"ref\('(\w+)'\)", body)) - CONSTANT
            is_cut = "changed" in body or any(re.search(rf"\b{other}\b", body) for other in expressions)
            if tables & nodes.keys() and not is_cut:
                uses = re.findall(rf"\b(?:from|join) {expression}\b", code)
                assert len(uses) <= 1, f"{name}: {expression} is used {len(uses)} times"


def test_what_depends_on_as_of_declares_what_becomes_due(nodes: dict[str, Any], kept_by_key: dict[str, Any]) -> None:
    def reads_as_of(node: dict[str, Any]) -> bool:
        reads = {parent.split(".")[-1] for parent in node["depends_on"]["nodes"]}
        views = [nodes[name] for name in reads if name in nodes and nodes[name]["config"]["materialized"] == "view"]
        return bool({"int_brand_horizons", "build_brands"} & reads) or any(map(reads_as_of, views))

    for name, node in kept_by_key.items():
        if reads_as_of(node):
            assert any("due" in change or "over" in change for change in changes(node)), name
