"""The one script of the site: the filters. Pages hold it as text, and their policy allows that text and no other."""

import base64
import hashlib
from functools import cache
from pathlib import Path

_SCRIPT = Path(__file__).parent / "templates" / "filters.js"


@cache
def source() -> str:
    """The script, as a page holds it between its tags."""
    return _SCRIPT.read_text(encoding="utf-8")


@cache
def allowed() -> str:
    """The source expression of a content security policy that allows this script only."""
    digest = hashlib.sha256(source().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
