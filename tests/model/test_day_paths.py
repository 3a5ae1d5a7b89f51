"""What a day that is over adds is found by key, though no record comes with it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from support.journey import Journey
from support.plain_records import NOON, sale
from support.tiny_warehouse import TinyWarehouse

AS_OF = NOON + timedelta(days=130)
TODAY = AS_OF.date()
"""In New York, too, where it is eight in the morning."""
HELD_OUT = 273
"""Days of the var forecast_holdout_days."""


def repeats(journey: Journey) -> set[tuple[str, date, int]]:
    """(basis, day of the first purchase, days with another one): no two persons here first bought on the same day."""
    rows = journey.house.rows("intermediate.int_customer_repeats")
    return {(row["basis"], row["first_date"], row["repeats"]) for row in rows}


def made_in_full(journey: Journey) -> int:
    """The build that last made the repeats of everybody."""
    return journey.house.labels(("intermediate",))['intermediate."int_customer_repeats"'][1]


def go_on_to(journey: Journey, moment: datetime) -> set[tuple[str, date, int]]:
    journey.advance("corner", moment)
    journey.build()
    return repeats(journey)


def test_purchases_count_when_their_day_is_over_for_the_brand(empty_warehouse: Callable[[str], TinyWarehouse]) -> None:
    """A day is over at midnight in New York, and held-out days pass at the same hour."""
    old, older, today = (TODAY - timedelta(days=days) for days in (HELD_OUT - 2, HELD_OUT, 0))
    journey = Journey(empty_warehouse, AS_OF)
    bought = {"s0": (0, HELD_OUT), "s1": (0, HELD_OUT - 1), "s2": (1, 0), "s3": (2, HELD_OUT - 2)}
    sales = [
        (1, sale(number, person, AS_OF - timedelta(days=days, hours=1))) for number, (person, days) in bought.items()
    ]
    journey.deliver("till", "transactions", sales)
    first = journey.build()
    # Yesterday is over, and so is the 274th day before today, before anybody bought.
    whole = {("whole", older, 1), ("whole", old, 0)}
    assert repeats(journey) == whole

    tomorrow = go_on_to(journey, AS_OF + timedelta(days=1))
    whole |= {("whole", today, 0)}
    assert tomorrow == whole | {("calibration", older, 0)}

    # Half past three in the morning is still the evening of the day before.
    midnight = AS_OF + timedelta(days=2, hours=16)
    assert go_on_to(journey, midnight - timedelta(minutes=30)) == whole | {("calibration", older, 1)}
    assert go_on_to(journey, midnight + timedelta(minutes=30)) == whole | {
        ("calibration", older, 1),
        ("calibration", old, 0),
    }
    assert made_in_full(journey) == first
    journey.check_full()
