"""Links follow the verdict of either end, although no record of their own came, as when made in full."""

from collections.abc import Callable
from datetime import timedelta

from support.journey import Journey
from support.plain_records import contact
from support.tiny_warehouse import TinyWarehouse
from support.world import START

PHONE = "+12025550123"


def test_a_phone_of_one_person_is_shared_by_a_household_by_a_switchboard_and_no_longer(
    empty_warehouse: Callable[[str], TinyWarehouse],
) -> None:
    """One contact states it, then two, then nine (a household has eight at most), then eight, then one again.

    The reference knows no guards, so builds are not held against it: the verdicts are those docs/identity.md defines.
    """
    journey = Journey(empty_warehouse, START + timedelta(days=10))

    def verdicts() -> set[tuple[str, str | None, bool]]:
        rows = journey.house.rows("marts.dim_customer_links")
        return {(row["left_node"][-2:], row["refusal_reason"], row["customer_id"] is None) for row in rows}

    def state(version: int, numbers: range, phone: str | None) -> set[tuple[str, str | None, bool]]:
        rows = [(version, contact(f"k{number}", phone=phone)) for number in numbers]
        journey.deliver("desk", "contacts", rows)
        journey.house.publish(journey.house.build())
        return verdicts()

    def refused(count: int, reason: str) -> set[tuple[str, str | None, bool]]:
        return {(f"k{number}", reason, False) for number in range(count)}

    assert state(1, range(1), PHONE) == {("k0", None, False)}
    assert state(1, range(1, 2), PHONE) == refused(2, "accounts_of_one_source")
    # The phone names nobody before and after: only the reason is another.
    assert state(1, range(2, 9), PHONE) == refused(9, "shared_identifier")
    assert state(2, range(8, 9), None) == refused(8, "accounts_of_one_source")
    journey.house.rollback()
    assert state(2, range(1, 8), None) == {("k0", None, False)}
    journey.check_full()
