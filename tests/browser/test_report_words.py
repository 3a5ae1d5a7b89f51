"""The words of the site: each sentence is a message, each message has its Chinese, and both hold the same places."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from touchline.reports import messages, wording
from touchline.reports.context import spread
from touchline.reports.definitions import Definitions
from touchline.reports.messages import forms
from touchline.reports.statistics import share
from touchline.reports.words import CHINESE, COLUMNS, ENGLISH, _, catalog_path, described, markup, speaking
from touchline.settings import get_settings

REPORTS = Path(messages.__file__).parent
WORDLESS = {"axes", "charts", "definitions", "messages", "panels", "published", "svg"}
"""Modules in which texts are code."""

SPOKEN = {"label", "title", "text", "alt", "lead", "name", "sentence", "observed", "missing", "uncertainty", "x_title"}
"""Arguments that a page shows."""


def found() -> list[messages.Message]:
    return messages.messages(get_settings().dbt_project_dir)


def places(text: str) -> set[str]:
    """Names of the places of a message, whatever their format."""
    return {re.split(r"[.\[]", name)[0] for _literal, name, _spec, _conversion in Formatter().parse(text) if name}


def test_every_message_is_translated() -> None:
    catalog = messages.read_catalog(CHINESE)
    translated = {forms(message.id)[0] for message in catalog if message.id and all(forms(message.string))}
    assert [message for message in found() if message.text not in translated] == []
    assert [message.id for message in catalog if message.fuzzy and message.id] == []


def test_the_catalog_holds_the_messages_of_today() -> None:
    """`make words` would change nothing: no message is missing, none is left over, all stand in order."""
    assert messages.update(CHINESE, get_settings().dbt_project_dir) == catalog_path(CHINESE).read_bytes()


def test_descriptions_of_columns_are_translated_as_far_as_is_stated() -> None:
    """A description that is new or changed has no translation at first: it is shown, and marked, in English.

    Nine in ten are demanded, so that a change needs no translator, and many without one are noticed.
    """
    definitions = Definitions(get_settings().dbt_project_dir)
    texts = [text for entry in definitions.dictionary() for _name, _type, text in entry.columns]
    with speaking(CHINESE):
        translated = [text for text in texts if described(text)[1]]
    assert len(translated) / len(texts) > 0.9
    with speaking(ENGLISH):
        assert [described(text) for text in texts] == [(text, True) for text in texts]


def test_a_translated_description_is_one_of_today_and_chinese() -> None:
    """Codes, variables and names of columns stay as they are."""
    known = set(Definitions(get_settings().dbt_project_dir).columns())
    for message in messages.read_catalog(CHINESE, COLUMNS):
        if message.id and message.string:
            assert message.id in known, f"make words: nobody says {message.id!r} any more"
            assert re.search(r"[\u4e00-\u9fff]", str(message.string)), message.id
            assert set(re.findall(r"\w+_\w+", str(message.id))) <= set(
                re.findall(r"[a-z_0-9]+_[a-z_0-9]+", str(message.string))
            ), message.id


def test_a_translation_has_the_places_of_its_message() -> None:
    for message in messages.read_catalog(CHINESE):
        if message.id:
            for text in forms(message.string):
                assert places(text) == set().union(*map(places, forms(message.id))), message.id


def test_a_translation_is_chinese() -> None:
    for message in messages.read_catalog(CHINESE):
        words = re.sub(r"\{[^}]*\}|%-?\w", "", "".join(forms(message.id)))
        for said in forms(message.string) if re.search(r"[a-z]{2}", words) else ():
            assert re.search(r"[\u4e00-\u9fff]", said), message.id
            assert not re.search(r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]", said), said


@pytest.mark.parametrize("path", sorted(REPORTS.glob("*.py")), ids=lambda path: path.stem)
def test_no_words_are_shown_but_messages(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [f"{path.name}:{line} {text}" for line, text in unspoken(tree) if path.stem not in WORDLESS] == []


def test_words_outside_messages_are_noticed() -> None:
    code = """
        Headline(label="Told", sentence=f"{n} of them came back", observed=_("calls"), slug="some words")
        Column("x", "Label"); estimate_columns("Calls"); context.too_few(e, "calls"); "select a from b"
    """
    assert [text for _line, text in unspoken(ast.parse(code.strip().replace("\n        ", "\n")))] == [
        "Told",
        " of them came back",
        "Label",
        "Calls",
        "calls",
    ]


def unspoken(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts that look like words for readers and are in no message."""
    for node, above in walk(tree, ()):
        text = node.value if isinstance(node, ast.Constant) else None
        if not isinstance(text, str) or not re.search(r"[A-Za-z]{2}", text) or is_code(above):
            continue
        if is_shown(node, above) or re.search(r"[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}", text):
            yield node.lineno, text  # type: ignore[attr-defined]


def walk(node: ast.AST, above: tuple[ast.AST, ...]) -> Iterator[tuple[ast.AST, tuple[ast.AST, ...]]]:
    for child in ast.iter_child_nodes(node):
        yield child, (*above, node)
        yield from walk(child, (*above, node))


def is_code(above: tuple[ast.AST, ...]) -> bool:
    """Within a message, a docstring, a query, an error, a name for a file."""
    for node in above:
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and node is above[-1]):
            return True
        if isinstance(node, ast.Call) and called(node) in {*messages.SAYING, "count", "getattr"}:
            return True
        if isinstance(node, ast.keyword) and node.arg in {"slug", "metric", "unit", "page"}:
            return True
        targets = [target.id for target in getattr(node, "targets", ()) if isinstance(target, ast.Name)]
        if any(re.fullmatch(r"QUERIES|_[A-Z_]+|FONT", target) for target in targets) and not called_in(above):
            return True
    return False


def called_in(above: tuple[ast.AST, ...]) -> bool:
    return any(isinstance(node, ast.Call) for node in above)


def is_shown(node: ast.AST, above: tuple[ast.AST, ...]) -> bool:
    """Whether a text stands where a page shows it."""
    holder = above[-2] if isinstance(above[-1], ast.JoinedStr) and len(above) > 1 else above[-1]
    text = above[-1] if isinstance(above[-1], ast.JoinedStr) else node
    if isinstance(holder, ast.keyword):
        return holder.arg in SPOKEN
    place = {"Column": 1, "estimate_columns": 0, "too_few": 1, "Definition": 2}
    if isinstance(holder, ast.Call) and called(holder) in place and text in holder.args:
        return holder.args.index(text) == place[called(holder)]  # type: ignore[arg-type]
    return False


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_what_nobody_translated_stays_english() -> None:
    with speaking(CHINESE):
        assert _("{n} sentences nobody has translated", n=3) == "3 sentences nobody has translated"
        assert _("") == ""


def test_a_language_is_spoken_within_its_block_only() -> None:
    said = []
    with speaking(CHINESE):
        said.append(_("Overview"))
        with speaking(ENGLISH):
            said.append(_("Overview"))
        said.append(_("Overview"))
    assert [*said, _("Overview")] == ["总览", "Overview", "总览", "Overview"]


def test_numbers_and_dates_take_the_form_of_the_language() -> None:
    first, last = date(2024, 3, 3), date(2024, 9, 1)
    said = {}
    for language in (ENGLISH, CHINESE):
        with speaking(language):
            said[language.folder] = [
                wording.day(first),
                wording.months(first, last),
                wording.short_month(first),
                wording.number(0.827, "share"),
                wording.interval(0.69, 0.729, "share"),
                wording.duration(298),
                wording.count(1, "contact"),
                wording.count(1040, "contact"),
                wording.listing(["a", "b", "c"]),
                spread([share(10, 100, 5), share(30, 100, 5)]),
            ]
    assert said[""] == [
        "3 March 2024",
        "March 2024 to September 2024",
        "Mar 2024",
        "82.7\u202f%",
        "69.0–72.9\u202f%",  # noqa: RUF001
        "4\u202fmin 58\u202fs",
        "1 contact",
        "1,040 contacts",
        "a, b and c",
        "from 10% to 30%",
    ]
    assert said["zh/"] == [
        "2024年3月3日",
        "2024年3月至2024年9月",
        "2024年3月",
        "82.7%",
        "69.0–72.9%",  # noqa: RUF001
        "4 分 58 秒",
        "1 次联系",
        "1,040 次联系",
        "a、b和c",
        "10% 至 30%",
    ]


def test_markup_of_a_template_escapes_what_is_no_markup() -> None:
    assert markup("as of {time}", time="<b>") == "as of &lt;b&gt;"
    assert markup("as of {time}", time=markup("n")) == "as of n"
