"""Definitions as the marts' own descriptions state them: the pages repeat no formula."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from touchline.errors import TouchlineError
from touchline.reports.content import Definition
from touchline.reports.words import _


@dataclass(frozen=True)
class Explained:
    """A definition ready to print; `columns` are (name, description)."""

    mart: str
    description: str
    meaning_zh: str
    grain: str
    columns: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True)
class Entry:
    """One mart of the dictionary; `columns` are (name, type, description), `meaning_zh` is Simplified Chinese."""

    mart: str
    subject: str
    description: str
    meaning_zh: str
    grain: str
    update_class: str
    owner: str
    columns: tuple[tuple[str, str, str], ...]


class Definitions:
    """Descriptions and variables of the dbt project the marts are built by."""

    def __init__(self, dbt_project: Path) -> None:
        self._models: dict[str, dict[str, Any]] = {}
        for path in sorted((dbt_project / "models" / "marts").rglob("*.yml")):
            document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            self._models |= {
                model["name"]: model | {"subject": path.parent.name} for model in document.get("models", ())
            }
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
        meta = model.get("config", {}).get("meta", {})
        return Explained(
            mart=definition.mart,
            description=_one_line(model["description"]),
            meaning_zh=_one_line(meta.get("meaning_zh", "")),
            grain=_grain(meta),
            columns=tuple((name, _one_line(described[name])) for name in definition.columns),
            note=_(definition.note),
        )

    def dictionary(self) -> list[Entry]:
        """Every mart, by subject and name."""
        models = sorted(self._models.values(), key=lambda model: (model["subject"], model["name"]))
        return [_entry(model) for model in models]

    def words(self) -> set[str]:
        """What the site says of the marts in words of theirs: subjects, owners, and grains that are no keys."""
        metas = [model["config"]["meta"] for model in self._models.values()]
        words = {str(model["subject"]).replace("_", " ").capitalize() for model in self._models.values()}
        words |= {str(meta["owner"]).replace("_", " ") for meta in metas}
        return words | {str(meta["grain"]) for meta in metas if str(meta["grain"]).startswith("one row per ")}

    def columns(self) -> list[str]:
        """Descriptions of columns, each once, the most frequent first."""
        texts = (_one_line(column["description"]) for model in self._models.values() for column in model["columns"])
        return [text for text, _times in Counter(texts).most_common()]

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


def _entry(model: dict[str, Any]) -> Entry:
    meta = model["config"]["meta"]
    return Entry(
        mart=model["name"],
        subject=model["subject"],
        description=_one_line(model["description"]),
        meaning_zh=_one_line(meta["meaning_zh"]),
        grain=_grain(meta),
        update_class=meta["update_class"],
        owner=meta["owner"],
        columns=tuple((item["name"], item["data_type"], _one_line(item["description"])) for item in model["columns"]),
    )


def _grain(meta: dict[str, Any]) -> str:
    """What a row is of: words, or else the columns of the key."""
    grain = str(meta.get("grain", ""))
    return _(grain) if grain.startswith("one row per ") or not grain else _("one row per {grain}", grain=grain)


def _one_line(text: str) -> str:
    return " ".join(str(text).split())
