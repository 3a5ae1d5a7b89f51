"""What is compared, and how alike it may be: Splink's settings."""

from collections.abc import Sequence
from typing import Any

COLUMNS = ("full_name", "birth_year", "postal_code", "email", "phone")
BLOCKS = ("name_key", "year_place_key", "email_key", "phone_key")
"""Contacts that agree on one of these are what the model learns the other attributes from."""

# Words of each name that have a counterpart one slip of the pen away in the other; the fewer of the two.
_CLOSE = (
    "damerau_levenshtein(x, y) <= 1 and greatest(length(x), length(y)) > 3 or jaro_winkler_similarity(x, y) >= 0.94"
)
_MATCHED = (
    "len(list_filter({0}, x -> list_max(list_transform({1}, y -> case when " + _CLOSE + " then 1 else 0 end)) = 1))"
)
_BOTH = f"least({_MATCHED.format('words_l', 'words_r')}, {_MATCHED.format('words_r', 'words_l')})"


def settings(used: Sequence[str], prior: float) -> Any:
    """Splink's settings for the columns that have values."""
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="node",
        comparisons=[comparison for name, comparison in _comparisons().items() if name in used],
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
        probability_two_random_records_match=prior,
        max_iterations=50,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
        # Names of its tables and models would be random otherwise.
        linker_uid="weak",
    )


def _comparisons() -> dict[str, Any]:
    import splink.comparison_level_library as levels

    def compared(name: str, *similar: Any) -> Any:
        from splink.comparison_library import CustomComparison

        same = levels.ExactMatchLevel(name, term_frequency_adjustments=True)
        return CustomComparison([levels.NullLevel(name), same, *similar, levels.ElseLevel()], name)

    def slip(name: str, edits: int = 1) -> Any:
        return levels.DamerauLevenshteinLevel(name, edits)

    return {
        "full_name": compared(
            "full_name",
            levels.CustomLevel(f"{_BOTH} >= 2 or damerau_levenshtein(full_name_l, full_name_r) <= 1", "two words"),
            levels.CustomLevel("list_has_any(rare_words_l, rare_words_r)", "a rare word"),
            levels.CustomLevel("list_has_any(words_l, words_r)", "a common word"),
            levels.CustomLevel(f"{_BOTH} >= 1", "a similar word"),
        ),
        "birth_year": compared("birth_year", slip("birth_year")),
        "postal_code": compared("postal_code", slip("postal_code")),
        "email": compared(
            "email",
            slip("email", 2),
            levels.CustomLevel("split_part(email_l, '@', 1) = split_part(email_r, '@', 1)", "same before the @"),
            levels.JaroWinklerLevel("email", 0.92),
        ),
        "phone": compared("phone", slip("phone")),
    }
