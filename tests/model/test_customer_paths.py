"""What is known of single customers matures as time goes on, and follows a corrected record, as when made in full."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from support.journey import Journey
from support.plain_records import NOON, Row, contact, sale
from support.tiny_warehouse import TinyWarehouse
from support.world import START


def line(transaction: str, product: str) -> Row:
    amounts = {"quantity": Decimal("1.000"), "unit_price": None, "net_amount": Decimal("4.00")}
    return {"transaction_id": transaction, "line_no": 1, "product_id": product, "return_reason": None, **amounts}


def product(number: str, category: str) -> Row:
    return {"product_id": number, "sku": number, "category": category, "list_price": None}


def rules(journey: Journey) -> list[tuple[str, str, int]]:
    rows = journey.house.rows("marts.rpt_next_need")
    return sorted((row["antecedent"], row["consequent"], row["occasions_followed"]) for row in rows)


def test_needs_pressure_and_participation_close_their_windows(
    empty_warehouse: Callable[[str], TinyWarehouse],
) -> None:
    """Tea on day 0 and jam a week later; a message, a proposal and its adoption; then 40 and 65 days pass."""
    journey = Journey(empty_warehouse, START + timedelta(days=10))
    week = timedelta(days=7)
    journey.deliver("till", "transactions", [(1, sale("s0", 0)), (1, sale("s2", 0, NOON + week))])
    journey.deliver("till", "transaction_lines", [(1, line("s0", "tea")), (1, line("s2", "jam"))])
    journey.deliver("till", "products", [(1, product("tea", "drinks")), (1, product("jam", "spreads"))])
    journey.deliver("desk", "contacts", [(1, contact("k0", consent_marketing=True))])
    message = {"touch_id": "m0", "contact_id": "k0", "channel": "email", "touched_at": NOON}
    journey.deliver("desk", "campaign_touches", [(1, message)])
    proposal = {"suggestion_id": "g0", "contact_id": "k0", "channel": "web", "submitted_at": NOON, "topic": "shelves"}
    journey.deliver("desk", "suggestions", [(1, proposal | {"adopted_at": NOON + week})])
    journey.build()
    assert rules(journey) == []

    def taking_part() -> tuple[int, int, int]:
        [row] = [row for row in journey.house.rows("marts.rpt_participation") if row["segment_code"] == "all"]
        return row["suggestions"], row["suggestions_judged"], row["suggestions_adopted"]

    assert taking_part() == (1, 0, 0)
    journey.advance("corner", START + timedelta(days=40))
    journey.build()
    # the thirty days after the tea are over, and so are those after the jam
    assert rules(journey) == [("drinks", "spreads", 1)]
    assert taking_part() == (1, 1, 1)
    assert journey.house.rows("marts.rpt_contact_pressure") == []
    journey.deliver("till", "products", [(2, product("jam", "sweets"))])
    journey.advance("corner", START + timedelta(days=65))
    journey.build()
    assert rules(journey) == [("drinks", "sweets", 1)]
    pressure = journey.house.rows("marts.rpt_contact_pressure")
    assert {(row["period"], row["pressure_band"]) for row in pressure} >= {("2026-03", "1"), ("all", "all")}
    assert {(row["touches"], row["could_opt_out"], row["opted_out"]) for row in pressure} == {(1, 1, 0)}
    journey.check_full()
