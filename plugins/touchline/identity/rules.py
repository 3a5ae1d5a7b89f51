"""The guards' thresholds as a company sets them: vars of dbt_project.yml and the seed of shared identifiers."""

from pathlib import Path

import yaml

from touchline.errors import TouchlineError
from touchline.identity.defaults import stated_defaults
from touchline.identity.frames import IdentityRules

_NUMBERS = ("max_people_per_identifier", "max_accounts_per_customer")


def load_rules(dbt_project: Path, token_key: bytes) -> IdentityRules:
    """Rules of one dbt project; raises TouchlineError for a threshold that is none."""
    path = dbt_project / "dbt_project.yml"
    chosen = yaml.safe_load(path.read_text(encoding="utf-8")).get("vars", {})
    for name in _NUMBERS:
        value = chosen.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise TouchlineError(
                f"The var {name} is {value!r}", where=str(path), todo="set it to a whole number of 1 or more"
            )
    joins = chosen.get("phone_joins_accounts")
    if not isinstance(joins, bool):
        raise TouchlineError(
            f"The var phone_joins_accounts is {joins!r}", where=str(path), todo="set it to true or false"
        )
    return IdentityRules(
        max_people_per_identifier=chosen["max_people_per_identifier"],
        max_accounts_per_customer=chosen["max_accounts_per_customer"],
        phone_joins_accounts=joins,
        stated_defaults=stated_defaults(dbt_project, token_key),
    )
