"""Definitions as the marts' own descriptions state them: the pages repeat no formula."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from touchline.errors import TouchlineError
from touchline.reports.content import Definition


@dataclass(frozen=True)
class Explained:
    """A definition ready to print; `columns` are (name, description)."""

    mart: str
    description: str
    grain: str
    columns: tuple[tuple[str, str], ...]
    note: str


class Definitions:
    """Descriptions and variables of the dbt project the marts are built by."""

    def __init__(self, dbt_project: Path) -> None:
        self._models: dict[str, dict[str, Any]] = {}
        for path in sorted((dbt_project / "models" / "marts").rglob("*.yml")):
            document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            self._models |= {model["name"]: model for model in document.get("models", ())}
        project = yaml.safe_load((dbt_project / "dbt_project.yml").read_text(encoding="utf-8"))
        self._vars: dict[str, Any] = project.get("vars", {})

    def explain(self, definition: Definition) -> Explained:
        """The words of a definition. Raises TouchlineError for a mart or column nobody described."""
        model = self._model(definition.mart)
        described = {column["name"]: column.get("description", "") for column in model.get("columns", ())}
        missing = [name for name in definition.columns if not described.get(name)]
        if missing or not model.get("description"):
            raise TouchlineError(
                f"A page shows {definition.mart}, but nobody describes {', '.join(missing) or 'the mart'}",
                where=f"dbt_project/models/marts/**/{definition.mart}.yml",
                todo="write the description",
            )
        return Explained(
            mart=definition.mart,
            description=" ".join(str(model["description"]).split()),
            grain=str(model.get("config", {}).get("meta", {}).get("grain", "")),
            columns=tuple((name, " ".join(described[name].split())) for name in definition.columns),
            note=definition.note,
        )

    def number(self, variable: str) -> int:
        """A whole-number variable of the dbt project, e.g. min_cell."""
        if variable not in self._vars:
            raise TouchlineError(
                f"The variable {variable} is not set",
                where="dbt_project/dbt_project.yml",
                todo=f"give {variable} a default under vars",
            )
        return int(self._vars[variable])

    def _model(self, mart: str) -> dict[str, Any]:
        if mart not in self._models:
            raise TouchlineError(
                f"A page shows {mart}, but no model of that name is described",
                where="dbt_project/models/marts",
                todo=f"write {mart}.yml",
            )
        return self._models[mart]
