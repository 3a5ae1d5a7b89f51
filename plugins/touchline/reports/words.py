"""The site's words in the reader's language: gettext messages, whole English sentences with named places.

`_("{n:,} of {m:,} came back.", n=n, m=m)` is said in the language of the moment (`speaking`); what nobody has
translated stays English. How to add a sentence and its translation: docs/reports.md.
"""

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

CATALOGS = Path(__file__).parent / "locale"
SENTENCES, COLUMNS = "reports", "columns"
"""The catalogs of a language: every sentence of the site is translated, of the columns' descriptions those that are."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the site: its BCP 47 code, its own name, the folder of its pages, how it writes dates."""

    code: str
    name: str
    folder: str
    locale: Locale


ENGLISH = Language("en", "English", "", Locale("en", "GB"))
CHINESE = Language("zh-Hans", "简体中文", "zh/", Locale("zh", "CN", script="Hans"))
LANGUAGES = (ENGLISH, CHINESE)

_spoken: ContextVar[Language] = ContextVar("spoken", default=ENGLISH)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Within this block every message is said in `language`."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> Language:
    """The language of the moment."""
    return _spoken.get()


def _(message: str, /, **values: Any) -> str:
    """A message in the language of the moment, its places filled."""
    text = _catalog(spoken()).gettext(message) if message else ""
    return text.format(**values) if values else text


def ngettext(singular: str, plural: str, n: int, /, **values: Any) -> str:
    """The form of a message that `n` things ask for; `n` is a place of it."""
    return _catalog(spoken()).ngettext(singular, plural, n).format(n=n, **values)


def N_(message: str) -> str:  # noqa: N802  the name every gettext tool knows
    """Mark a message where no language is spoken yet, as in a constant; `_` says it where it is used."""
    return message


def described(text: str) -> tuple[str, bool]:
    """What a column's description says in the language of the moment, and whether anybody has translated it."""
    found = _catalog(spoken(), COLUMNS).gettext(text) if text else ""
    return found, found != text or spoken() == ENGLISH


def markup(message: str, /, **values: Any) -> Markup:
    """A message for a template; its places may hold markup, everything else is escaped."""
    return Markup(escape(_(message))).format(**values)  # noqa: S704


def catalog_path(language: Language, domain: str = SENTENCES) -> Path:
    """Where the translations of a language lie: of the site's sentences, or of descriptions of columns."""
    return CATALOGS / str(language.locale) / "LC_MESSAGES" / f"{domain}.po"


@cache
def _catalog(language: Language, domain: str = SENTENCES) -> gettext.NullTranslations:
    """English speaks for itself; another catalog is compiled in memory, so that none lies about stale."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with catalog_path(language, domain).open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
