"""The messages of the report site, as its code and templates hold them, and the catalogs brought up to date with them.

`python -m touchline.reports.messages` (make words) writes new messages to every catalog, with empty translations, and
takes out those that no page says any more.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.nodes import Call, Const, Name

from touchline.reports.definitions import Definitions
from touchline.reports.words import ENGLISH, LANGUAGES, Language, catalog_path
from touchline.settings import get_settings

HERE = Path(__file__).parent
SAYING = ("_", "N_", "ngettext")


@dataclass(frozen=True, slots=True)
class Message:
    """A message and the file that says it; `plural` is empty where it has one form."""

    text: str
    plural: str
    origin: str


def messages(dbt_project: Path) -> list[Message]:
    """Every message of the site, in the order of the files; one that is said twice stands once."""
    found = [message for path in sorted(HERE.glob("*.py")) for message in of_code(path)]
    found += [message for path in sorted(HERE.glob("templates/*.jinja")) for message in of_template(path)]
    found += of_marts(dbt_project)
    return list({message.text: message for message in reversed(found)}.values())[::-1]


def of_code(path: Path) -> Iterator[Message]:
    """Literals given to `_`, `N_` and `ngettext`, and the nouns that `wording.count` counts."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        words = [word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
        if name in SAYING and words and words[0]:
            yield Message(words[0], words[1] if name == "ngettext" else "", path.name)
        elif name == "count" and words:
            plural = words[1] if len(words) > 1 else f"{words[0]}s"
            yield Message(f"{{n:,}} {words[0]}", f"{{n:,}} {plural}", path.name)


def of_template(path: Path) -> Iterator[Message]:
    """Literals given to `_` and `ngettext` in a template."""
    for call in Environment(autoescape=True).parse(path.read_text(encoding="utf-8")).find_all(Call):
        words = [word.value for word in call.args if isinstance(word, Const)]
        if isinstance(call.node, Name) and call.node.name in SAYING and words:
            yield Message(words[0], words[1] if call.node.name == "ngettext" else "", path.name)


def of_marts(dbt_project: Path) -> list[Message]:
    """Subjects, owners and grains, as the dictionary names them."""
    return [Message(word, "", "marts") for word in sorted(Definitions(dbt_project).words())]


def read_catalog(language: Language) -> Catalog:
    """The translations of a language."""
    with catalog_path(language).open("rb") as file:
        return read_po(file, locale=language.locale)


def update(language: Language, dbt_project: Path) -> Catalog:
    """The catalog of a language with the messages of today, in their order; translations stay with their message."""
    former = read_catalog(language)
    fresh = Catalog(locale=language.locale, header_comment=former.header_comment, fuzzy=False)
    fresh.mime_headers = [(name, value) for name, value in former.mime_headers if not name.endswith("-Date")]
    for message in messages(dbt_project):
        known = former.get(message.text)
        forms = (message.text, message.plural) if message.plural else message.text
        empty = ("",) * fresh.num_plurals if message.plural else ""
        fresh.add(forms, known.string if known else empty, locations=[(message.origin, None)])
    return fresh


def write(language: Language, catalog: Catalog) -> None:
    """Write a catalog; the same messages and translations give the same bytes."""
    with catalog_path(language).open("wb") as file:
        write_po(file, catalog, width=120, include_lineno=False)


if __name__ == "__main__":
    project = get_settings().dbt_project_dir
    for spoken in LANGUAGES:
        if spoken != ENGLISH:
            brought = update(spoken, project)
            write(spoken, brought)
            untranslated = sum(not any(message.string) for message in brought if message.id)
            sys.stdout.write(f"{spoken.name}: {len(brought)} messages, {untranslated} without translation\n")
