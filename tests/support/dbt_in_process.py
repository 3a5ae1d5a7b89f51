"""dbt inside the test's own process, over a project that is parsed once.

A dbt of its own process costs ten seconds before its first query: fine for one build, not for the hundreds that a
state machine makes. The nodes that run, and the order they run in, are those of `touchline.dbt`.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from support.cheap_dbt import cheap_dbt
from touchline import dbt, fingerprints
from touchline.errors import TouchlineError
from touchline.settings import Settings
from touchline.warehouse import database_url

PACKAGE = Path(dbt.__file__).parent
QUIET = ["--quiet", "--no-version-check", "--log-level", "none", "--log-level-file", "none", "--no-use-colors"]

_parsed: dict[tuple[Path, str], tuple[Any, Any, bytes]] = {}
"""By project and code: the manifest, the same without data tests, and the file of it that a build leaves behind."""


@dataclass
class InProcessDbt:
    """Takes the place of `touchline.dbt.invoke`; `threads` 1 is the fastest where tables are tiny."""

    has_tests: bool = False
    threads: int = 1
    without: str | None = None
    """A model that fails to come about, so that it and all below it stay as they were."""

    def invoke(
        self, settings: Settings, folder: Path, step: dbt.Step, arguments: Sequence[str], asked: dict[str, str]
    ) -> dbt.DbtResult:
        """One step of one build; raises TouchlineError as the real one does."""
        from dbt.cli.main import dbtRunner

        os.environ.update(dbt.environment(settings) | asked)
        manifest = self._manifest(settings, folder)
        given = ["build", "--exclude-resource-type", "unit_test", *arguments]
        is_broken = self.without is not None and step in manifest.nodes[f"model.touchline.{self.without}"].tags
        if is_broken:
            given += ["--exclude", f"{self.without}+"]
        options = ["--threads", str(self.threads), "--no-write-json", *_places(settings, folder)]
        alone = ["--single-threaded"] if self.threads == 1 else []
        with cheap_dbt():
            outcome = dbtRunner(manifest=manifest).invoke([*QUIET, *alone, *given, *options])
        if outcome.exception is not None:
            raise TouchlineError(f"dbt did not run: {outcome.exception}", where=f"step {step}")
        bad = [node for node in outcome.result.results if node.status in ("error", "fail")]
        if bad or is_broken:
            messages = "; ".join(f"{node.node.name}: {node.message}" for node in bad)
            raise TouchlineError(f"{len(bad)} dbt node(s) failed: {messages}", where=f"step {step}")
        return dbt.DbtResult(step, len(outcome.result.results), (), outcome.result.elapsed_time)

    def _manifest(self, settings: Settings, folder: Path) -> Any:
        """The parsed project, pointed at the database of `settings`."""
        from dbt.cli.main import dbtRunner

        known = (settings.dbt_project_dir, fingerprints.code_fingerprint(settings.dbt_project_dir, PACKAGE))
        if known not in _parsed:
            parsed = dbtRunner().invoke([*QUIET, "parse", "--no-partial-parse", *_places(settings, folder)])
            if not parsed.success:
                raise TouchlineError(f"dbt cannot read the project: {parsed.exception}", where=str(known[0]))
            artefact = (folder / "manifest.json").read_bytes()
            _parsed[known] = (parsed.result, _without_tests(parsed.result), artefact)
        whole, without_tests, artefact = _parsed[known]
        manifest = whole if self.has_tests else without_tests
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").write_bytes(artefact)
        _point_at(manifest, str(database_url(settings).database))
        return manifest


@contextmanager
def dbt_in_process(**options: Any) -> Iterator[InProcessDbt]:
    """Every build made inside runs dbt in this process."""
    runner, real, environment = InProcessDbt(**options), dbt.invoke, os.environ.copy()
    dbt.invoke = runner.invoke
    try:
        yield runner
    finally:
        dbt.invoke = real
        os.environ.clear()
        os.environ.update(environment)


def _places(settings: Settings, folder: Path) -> list[str]:
    project = str(settings.dbt_project_dir)
    return [
        "--project-dir",
        project,
        "--profiles-dir",
        project,
        "--target-path",
        str(folder),
        "--log-path",
        str(folder),
    ]


def _without_tests(manifest: Any) -> Any:
    """Four nodes in five are data tests; left out here, they cost nothing in any build."""
    nodes = {name: node for name, node in manifest.nodes.items() if node.resource_type != "test"}
    lesser = replace(manifest, nodes=nodes)
    lesser.build_parent_and_child_maps()
    return lesser


def _point_at(manifest: Any, database: str) -> None:
    """All nodes and sources lie in one database, whose name dbt writes into each of them, and into what macros see."""
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        if node.database != database:
            if node.relation_name:
                node.relation_name = node.relation_name.replace(f'"{node.database}".', f'"{database}".', 1)
            node.database = database
    for node in (*manifest.flat_graph["nodes"].values(), *manifest.flat_graph["sources"].values()):
        node["database"] = database
