"""What goods cost and what is asked for them: a price rise half way that the tills never took over."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from touchline.synthetic import world
from touchline.synthetic.draw import between, stream
from touchline.synthetic.purchases import Sale, category_of, price_in, product_prices
from touchline.synthetic.render import Row, day, flag, instant, money

PRICED_CHANNELS = ("store", "web", "app")
ONLINE_ZONE = ZoneInfo("America/New_York")


def unit_costs(seed: int) -> dict[str, int]:
    """Return what a unit of each product costs, in cents: 40 to 60 % of its price."""
    rng = stream(seed, "costs")
    prices = product_prices(stream(seed, "baskets"))
    return {product: price * between(rng, 40, 60) // 100 for product, price in prices.items()}


def product_rows(seed: int, window: world.Window) -> list[Row]:
    """Return the products with their costs."""
    prices, costs = product_prices(stream(seed, "baskets")), unit_costs(seed)
    return [
        {
            "product_id": product,
            "sku": f"SKU-{product}",
            "category": category_of(product),
            "unit_cost": money(costs[product]),
            "list_price": money(price),
            "currency": world.CURRENCY,
            "source_updated_at": instant(window.start),
            "is_deleted": flag(False),
        }
        for product, price in prices.items()
    ]


def price_rows(seed: int, window: world.Window) -> list[Row]:
    """Return the prices asked by channel: those of the tills, and from half way on higher ones."""
    prices = product_prices(stream(seed, "baskets"))
    return [
        {
            "product_id": product,
            "channel": channel,
            "location_id": "*",
            "valid_from": day(first),
            "price": money(asked_price(prices, product, channel, is_raised=is_raised)),
            "currency": world.CURRENCY,
            "source_updated_at": instant(window.start),
            "is_deleted": flag(False),
        }
        for product in prices
        for channel in PRICED_CHANNELS
        for is_raised, first in ((False, window.start - world.DAY), (True, rise(window)))
    ]


def rise(window: world.Window) -> int:
    """Return the instant (UTC midnight) whose date is the first on which the higher prices are asked."""
    return window.start + window.days // 2 * world.DAY


def asked_price(prices: dict[str, int], product: str, channel: str, *, is_raised: bool) -> int:
    """Return the dated price in cents."""
    price = price_in(channel, product, prices)
    return round(price * (1 + world.UNHEARD_PRICE_RISE)) if is_raised else price


def service_truth(sales: list[Sale], seed: int, window: world.Window) -> dict[str, int]:
    """Count what sales brought, cost and took, in cents: before and after the rise where prices are meant."""
    costs, prices = unit_costs(seed), product_prices(stream(seed, "baskets"))
    raised_on = datetime.fromtimestamp(rise(window), UTC).date()
    truth: Counter[str] = Counter()
    for sale in sales:
        net = sum(line.net for line in sale.lines)
        if sale.return_of:
            truth["returns"] += 1
            truth["refunds"] -= net
            continue
        truth["sales"] += 1
        truth["net_sales"] += net
        truth["deliveries"] += sale.channel != "store"
        is_raised = _local_date(sale) >= raised_on
        half = "after" if is_raised else "before"
        truth[f"realised_{half}"] += net
        for line in sale.lines:
            truth["cost_of_goods"] += line.quantity * costs[line.product_id]
            asked = asked_price(prices, line.product_id, sale.channel, is_raised=is_raised)
            truth[f"dated_{half}"] += line.quantity * asked
    return dict(truth)


def charged_truth(sales: list[Sale]) -> dict[str, dict[str, int]]:
    """Count by month the days on which two channels sold a product, and those on which they did so at one price."""
    sold: dict[tuple[date, str], set[tuple[str, int]]] = defaultdict(set)
    for sale in sales:
        if not sale.return_of:
            for line in sale.lines:
                sold[_local_date(sale), line.product_id].add((sale.channel, line.unit_price))
    truth: dict[str, dict[str, int]] = {}
    for (on, _), charged in sold.items():
        if len({channel for channel, _ in charged}) > 1:
            month = truth.setdefault(f"{on:%Y-%m}", {"product_days": 0, "equal_days": 0})
            month["product_days"] += 1
            month["equal_days"] += len({price for _, price in charged}) == 1
    return truth


def _local_date(sale: Sale) -> date:
    zone = ONLINE_ZONE if sale.location.region == "online" else sale.location.zone
    return datetime.fromtimestamp(sale.closed_at, zone).date()
