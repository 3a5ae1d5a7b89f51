"""The messages of the report site, as its code and templates hold them, and the catalogs brought up to date with them.

`python -m touchline.reports.messages` (make words) writes new messages to every catalog, with empty translations, and
takes out those that no page says any more.
"""

import ast
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.nodes import Call, Const, Name

from touchline.reports.definitions import Definitions
from touchline.reports.words import COLUMNS, ENGLISH, LANGUAGES, SENTENCES, Language, catalog_path
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


def read_catalog(language: Language, domain: str = SENTENCES) -> Catalog:
    """The translations of a language."""
    with catalog_path(language, domain).open("rb") as file:
        return read_po(file, locale=language.locale)


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """The forms of a message or a translation: one, or one for each number that a language tells apart."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def update(language: Language, dbt_project: Path) -> bytes:
    """The catalog's file with the messages of today, in their order; what stands above them stays as it is."""
    former = read_catalog(language)
    fresh = Catalog(locale=language.locale)
    for message in messages(dbt_project):
        known = former.get(message.text)
        said = (message.text, message.plural) if message.plural else message.text
        empty = ("",) * fresh.num_plurals if message.plural else ""
        fresh.add(said, known.string if known else empty, locations=[(message.origin, 0)])
    return _written(fresh, catalog_path(language))


def update_columns(language: Language, dbt_project: Path) -> bytes:
    """The catalog of the columns' descriptions: those translated and still in use, then those to translate."""
    former = read_catalog(language, COLUMNS)
    fresh = Catalog(locale=language.locale)
    texts = Definitions(dbt_project).columns()
    for text in sorted(texts, key=lambda text: not (known := former.get(text)) or not known.string):
        known = former.get(text)
        fresh.add(text, known.string if known else "")
    return _written(fresh, catalog_path(language, COLUMNS))


def _written(catalog: Catalog, path: Path) -> bytes:
    written = io.BytesIO()
    write_po(written, catalog, width=120, omit_header=True, include_lineno=False)
    header = path.read_bytes().partition(b"\n\n")[0]
    return header + b"\n\n" + written.getvalue().strip() + b"\n"


if __name__ == "__main__":
    project = get_settings().dbt_project_dir
    for other in LANGUAGES:
        if other != ENGLISH:
            catalog_path(other).write_bytes(update(other, project))
            catalog_path(other, COLUMNS).write_bytes(update_columns(other, project))
            for domain in (SENTENCES, COLUMNS):
                untranslated = sum(
                    not any(forms(message.string)) for message in read_catalog(other, domain) if message.id
                )
                sys.stdout.write(f"{other.name}, {domain}: {untranslated} messages without a translation\n")
