"""A new service: buying by app from a day on. Who takes to it is drawn sale by sale, with a known chance at each."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from touchline.synthetic import world
from touchline.synthetic.purchases import Sale
from touchline.synthetic.render import Row, flag, instant

CHANNEL, TOUCHPOINT = "app", "app_purchase"
AT = 0.40
"""When it is launched, as a share of the window."""
USES_AT_A_PURCHASE = world.CHANNEL_MIX[CHANNEL]
"""P(a purchase is made by app), whatever the person bought by before: the hazard of a first use, and of each other."""
REPEAT_DAYS = (30, 90)


def launched_at(window: world.Window) -> int:
    """Return the instant of the launch: noon (UTC) of its day."""
    return window.start + int(AT * window.days) * world.DAY + world.DAY // 2


def launch_row(window: world.Window) -> Row:
    """Return the record of the launch; it names no standard, so that no effect can be told."""
    at = instant(launched_at(window))
    return {
        "improvement_id": "IM9001",
        "kind": "launch",
        "touchpoint_code": TOUCHPOINT,
        "changed_at": at,
        "source_updated_at": at,
        "is_deleted": flag(False),
    }


def launch_truth(sales: list[Sale], window: world.Window) -> dict[str, object]:
    """Count purchases until the first by app, new users by local week, and who used it again by horizon."""
    own: dict[int, list[Sale]] = defaultdict(list)
    for sale in sales:
        if sale.person and not sale.return_of and sale.closed_at >= launched_at(window):
            own[sale.person.number].append(sale)
    weeks: dict[str, int] = {}
    trials = 0
    repeats = {str(days): {"judged": 0, "repeated": 0} for days in REPEAT_DAYS}
    for bought in own.values():
        uses = [sale.closed_at for sale in bought if sale.channel == CHANNEL]
        trials += sum(not uses or sale.closed_at <= uses[0] for sale in bought)
        if not uses:
            continue
        week = _monday(datetime.fromtimestamp(uses[0], world.ONLINE[CHANNEL].zone).date()).isoformat()
        weeks[week] = weeks.get(week, 0) + 1
        for days in REPEAT_DAYS:
            end = uses[0] + days * world.DAY
            if end <= window.stop:
                repeats[str(days)]["judged"] += 1
                repeats[str(days)]["repeated"] += any(at <= end for at in uses[1:])
    return {"purchases_until_first": trials, "new_users": dict(sorted(weeks.items())), "repeats": repeats}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
