"""What people buy and when: BG/NBD purchase times, baskets, deliveries, returns and walk-in sales."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance, pick
from touchline.synthetic.people import Person

RETURN_REASONS = Weighted({"defective": 0.3, "wrong_item": 0.2, "changed_mind": 0.4, "late": 0.1})
OVERRIDE_REASONS = ("price_match", "damaged_pack", "goodwill")
CATEGORIES = ("outdoor", "home", "kitchen", "toys", "garden")
CHANNELS = Weighted(world.CHANNEL_MIX)
LINE_COUNTS = Weighted({1: 0.30, 2: 0.30, 3: 0.20, 4: 0.12, 5: 0.08})
QUANTITIES = Weighted({1: 0.80, 2: 0.15, 3: 0.05})


@dataclass
class Line:
    """One basket line; money in cents, discount for the whole line."""

    product_id: str
    quantity: int
    unit_price: int
    discount: int = 0
    override_reason: str = ""
    authorised_by: str = ""
    return_reason: str = ""
    is_need: bool = False
    """Planted because of what was bought before."""

    @property
    def net(self) -> int:
        """Net amount in cents."""
        return self.quantity * self.unit_price - self.discount


@dataclass
class Sale:
    """One transaction of a known or anonymous buyer; a return points at what it returns."""

    person: Person | None
    channel: str
    location: world.Location
    closed_at: int
    employee_id: str
    lines: list[Line]
    due_at: int | None = None
    fulfilled_at: int | None = None
    return_of: "Sale | None" = None
    transaction_id: str = ""


@dataclass
class PurchaseTruth:
    """Realised purchase process over all people."""

    repeats: int = 0
    without_repeat: int = 0
    dropped: int = 0
    unmade: list[Sale] = field(default_factory=list)
    """Purchases that people who left over a return would have made."""
    prices: dict[str, int] = field(default_factory=dict)
    """The price list: product and cents."""


def product_prices(rng: np.random.Generator, count: int = 40) -> dict[str, int]:
    """Return product prices in cents, log-normal around 20 dollars."""
    return {f"P{i:03d}": 99 + 100 * int(rng.lognormal(3.0, 0.6)) for i in range(1, count + 1)}


def category_of(product_id: str) -> str:
    """Return the product's category; products take turns."""
    return CATEGORIES[int(product_id[1:]) % len(CATEGORIES)]


def purchase_days(person: Person, days: int, rng: np.random.Generator, truth: PurchaseTruth) -> list[float]:
    """Return the person's purchase times in days of the window, the first at ``joined_day``."""
    rate = rng.gamma(world.PURCHASE_R, 1 / world.PURCHASE_ALPHA_DAYS)
    dropout = float(rng.beta(world.DROPOUT_A, world.DROPOUT_B))
    times = [person.joined_day]
    while (moment := times[-1] + float(rng.exponential(1 / rate))) < days:
        times.append(moment)
        if chance(rng, dropout):
            truth.dropped += 1
            break
    truth.repeats += len(times) - 1
    truth.without_repeat += len(times) == 1
    return times


def clock_time(day: int, location: world.Location, window: world.Window, rng: np.random.Generator) -> int:
    """Return an instant of that UTC day: opening hours 9 to 18 local for stores, any time online."""
    midnight = window.start + day * world.DAY
    if location.region == "online":
        return midnight + between(rng, 0, world.DAY - 600)
    offset = datetime.fromtimestamp(midnight + world.DAY // 2, location.zone).utcoffset()
    behind = -int(offset.total_seconds()) if offset else 0
    return midnight + behind + between(rng, 9 * world.HOUR, 18 * world.HOUR - 600)


def price_in(channel: str, product: str, prices: dict[str, int]) -> int:
    """Return what the product costs in the channel, in cents: less on the web, for some."""
    is_cheaper = channel == "web" and product in world.WEB_PRICED_PRODUCTS
    return round(prices[product] * world.WEB_PRICE_FACTOR) if is_cheaper else prices[product]


class Shop:
    """Draws sales: the price list, and one stream each for baskets."""

    def __init__(self, prices: dict[str, int], window: world.Window, rng: np.random.Generator) -> None:
        self._prices = prices
        self._products = list(prices)
        self._window = window
        self._rng = rng

    def sale(self, person: Person | None, day: int) -> Sale:
        """Draw one sale on that day."""
        rng = self._rng
        channel = CHANNELS.draw(rng)
        home = person.home_store if person and chance(rng, 0.8) else pick(rng, world.STORES)
        location = home if channel == "store" else world.ONLINE[channel]
        closed_at = clock_time(day, location, self._window, rng)
        seller = employee(location, rng) if channel == "store" else ""
        lines = [self._line(channel, location) for _ in range(LINE_COUNTS.draw(rng))]
        sale = Sale(person, channel, location, closed_at, seller, lines)
        if channel != "store":
            self._plan_delivery(sale)
        return sale

    def _line(self, channel: str, location: world.Location) -> Line:
        rng = self._rng
        product = pick(rng, self._products)
        price = price_in(channel, product, self._prices)
        line = Line(product, QUANTITIES.draw(rng), price)
        if chance(rng, 0.1):
            line.discount = line.quantity * price // 10
        if channel == "store" and chance(rng, world.OVERRIDE_SHARE):
            line.override_reason = pick(rng, OVERRIDE_REASONS)
            line.authorised_by = manager(location)
            line.discount += min(500, line.net)
        return line

    def _plan_delivery(self, sale: Sale) -> None:
        due = sale.closed_at + between(self._rng, 2, 5) * world.DAY
        late = chance(self._rng, world.LATE_SHARE)
        shift = between(self._rng, 2 * world.HOUR, 36 * world.HOUR)
        # A due date after the window is withheld too: no value of the exports lies beyond their end.
        sale.due_at = self._window.if_closed(due)
        sale.fulfilled_at = self._window.if_closed(due + shift if late else due - shift)

    def return_of(self, sale: Sale) -> Sale | None:
        """Draw whether and when the first line comes back; None when it does not inside the window."""
        rng = self._rng
        if not chance(rng, world.RETURN_SHARE):
            return None
        received = sale.fulfilled_at if sale.channel != "store" else sale.closed_at
        if received is None:
            return None
        day = (received - self._window.start) // world.DAY + between(rng, 1, 20)
        if day >= self._window.days:
            return None
        first = sale.lines[0]
        back = Line(first.product_id, -first.quantity, first.unit_price, -first.discount)
        back.return_reason = RETURN_REASONS.draw(rng)
        closed_at = clock_time(day, sale.location, self._window, rng)
        return Sale(sale.person, sale.channel, sale.location, closed_at, sale.employee_id, [back], return_of=sale)


def came_back(sales: list[Sale], window: world.Window, days: int) -> dict[str, int]:
    """Of people seen for so many whole days after their first purchase: how many bought again."""
    bought: dict[int, set[date]] = {}
    for sale in sales:
        if sale.person and not sale.return_of:
            local = datetime.fromtimestamp(sale.closed_at, sale.location.zone).date()
            bought.setdefault(sale.person.number, set()).add(local)
    open_day = datetime.fromtimestamp(window.stop, UTC).date()
    span = timedelta(days=days)
    seen = [own for own in bought.values() if min(own) + span < open_day]
    back = [own for own in seen if any(min(own) < day <= min(own) + span for day in own)]
    return {"seen": len(seen), "came_back": len(back)}


def employee(location: world.Location, rng: np.random.Generator) -> str:
    """Return one of the store's employees."""
    return f"E-{location.location_id}-{between(rng, 1, world.EMPLOYEES_PER_STORE)}"


def manager(location: world.Location) -> str:
    """Return the store's manager, its first employee."""
    return f"E-{location.location_id}-1"
