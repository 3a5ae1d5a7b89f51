"""The POS export: locations, transactions and their lines."""

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.defection import leave_after_returns, purchase_counts
from touchline.synthetic.draw import between, chance, stream
from touchline.synthetic.needs import plant_needs
from touchline.synthetic.people import STORE_PHONE, Person, email_as_typed, phone_as_typed
from touchline.synthetic.purchases import (
    PurchaseTruth,
    Sale,
    Shop,
    manager,
    product_prices,
    purchase_days,
)
from touchline.synthetic.render import Row, flag, instant, money, number

DELIVERY_COST_CENTS = 499


def make_sales(people: list[Person], seed: int, window: world.Window) -> tuple[list[Sale], PurchaseTruth]:
    """Draw all sales in order of time with their ids, and set each person's ``joined_at``."""
    times, baskets, walk_ins = (stream(seed, name) for name in ("purchases", "baskets", "walk_ins"))
    truth = PurchaseTruth(prices=product_prices(baskets))
    shop = Shop(truth.prices, window, baskets)
    sales: list[Sale] = []
    for person in people:
        own = [shop.sale(person, int(day)) for day in purchase_days(person, window.days, times, truth)]
        person.joined_at = own[0].closed_at
        sales += own
    for _ in range(round(len(sales) * world.WALK_IN_SHARE)):
        sales.append(shop.sale(None, between(walk_ins, 0, window.days - 1)))
    sales += [back for sale in list(sales) if (back := shop.return_of(sale))]
    sales, truth.unmade = leave_after_returns(sales, stream(seed, "leaving"))
    plant_needs(sales, truth.prices, stream(seed, "needs"), window)
    truth.repeats -= len(truth.unmade)
    truth.without_repeat = sum(count == 1 for count in purchase_counts(sales).values())
    sales.sort(key=lambda sale: sale.closed_at)
    for position, sale in enumerate(sales, start=1):
        sale.transaction_id = f"T{position:08d}"
    return sales, truth


def location_rows(window: world.Window) -> list[Row]:
    """Return the stores and online channels as export rows."""
    return [
        {
            "location_id": place.location_id,
            "name": place.name,
            "timezone": place.timezone,
            "region": place.region,
            "format": place.format,
            "manager_employee_id": "" if place.region == "online" else manager(place),
            "source_updated_at": instant(window.start),
            "is_deleted": flag(False),
        }
        for place in (*world.STORES, *world.ONLINE.values())
    ]


def transaction_rows(sales: list[Sale], seed: int, window: world.Window) -> list[Row]:
    """Return the sales as export rows, local time of the store, with the identifiers given at the till."""
    rng = stream(seed, "transactions")
    return [_transaction(sale, rng, window) | _identifiers(sale, rng, window) for sale in sales]


def _transaction(sale: Sale, rng: np.random.Generator, window: world.Window) -> Row:
    discount = sum(line.discount for line in sale.lines)
    net = sum(line.net for line in sale.lines)
    tax = round(net * world.TAX_RATE)
    in_store = sale.channel == "store"
    zone = sale.location.zone if in_store else None
    updated = max(sale.closed_at, sale.fulfilled_at or 0)
    return {
        "transaction_id": sale.transaction_id,
        "location_id": sale.location.location_id,
        "register_id": f"R{between(rng, 1, 4)}" if in_store else "",
        "employee_id": sale.employee_id,
        "channel": sale.channel,
        "opened_at": instant(max(window.start, sale.closed_at - between(rng, 45, 400)), zone),
        "closed_at": instant(sale.closed_at, zone),
        "status": "completed",
        "subtotal": money(net + discount),
        "discount": money(discount),
        "tax": money(tax),
        "total": money(net + tax),
        "currency": world.CURRENCY,
        "delivery_cost": money(DELIVERY_COST_CENTS) if sale.channel != "store" and not sale.return_of else "",
        "return_of_transaction_id": sale.return_of.transaction_id if sale.return_of else "",
        "due_at": instant(sale.due_at),
        "fulfilled_at": instant(sale.fulfilled_at),
        "source_updated_at": instant(updated),
        "is_deleted": flag(False),
    }


def _identifiers(sale: Sale, rng: np.random.Generator, window: world.Window) -> Row:
    person = sale.person
    if person is None:
        return {}
    day = (sale.closed_at - window.start) // world.DAY
    email = person.former_email.value if person.former_email and day < person.former_email.until else person.email
    phone = person.former_phone.value if person.former_phone and day < person.former_phone.until else person.phone
    row = {"customer_ref": person.customer_ref}
    if person.loyalty_id and chance(rng, 0.8):
        row["loyalty_id"] = person.loyalty_id
    if sale.channel != "store" or chance(rng, 0.25):
        row["email"] = email_as_typed(email, rng)
    if person.gives_store_phone:
        row["phone"] = phone_as_typed(STORE_PHONE, rng)
    elif chance(rng, 0.15):
        row["phone"] = phone_as_typed(person.shared_phone or phone, rng)
    return row


def line_rows(sales: list[Sale]) -> list[Row]:
    """Return the basket lines as export rows; a return carries negative quantities and amounts."""
    return [
        {
            "transaction_id": sale.transaction_id,
            "line_no": number(position),
            "product_id": line.product_id,
            "quantity": number(line.quantity),
            "unit_price": money(line.unit_price),
            "discount": money(line.discount),
            "net_amount": money(line.net),
            "override_reason": line.override_reason,
            "authorised_by_employee_id": line.authorised_by,
            "return_reason": line.return_reason,
            "source_updated_at": instant(sale.closed_at),
            "is_deleted": flag(False),
        }
        for sale in sales
        for position, line in enumerate(sale.lines, start=1)
    ]
