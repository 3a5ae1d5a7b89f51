"""Names of columns as words: `customerID`, `Customer Id` and `customer_id` are the same."""

import re
import unicodedata


def normalised(name: str) -> str:
    """Lower-case words joined by `_`, without accents."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    return re.sub(r"[\W_]+", "_", spaced).strip("_").casefold()


def tokens(name: str) -> list[str]:
    """The words of a name."""
    return normalised(name).split("_")


def singular(entity: str) -> str:
    """One thing of an entity: transaction_lines → transaction_line."""
    for ending, replacement in (("ies", "y"), ("ches", "ch"), ("s", "")):
        if entity.endswith(ending):
            return entity.removesuffix(ending) + replacement
    return entity
