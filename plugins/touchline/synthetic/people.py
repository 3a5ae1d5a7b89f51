"""The people behind the exports, and the identifiers each of them leaves in the three sources."""

from dataclasses import dataclass

import numpy as np

from touchline.synthetic import world
from touchline.synthetic.draw import Weighted, between, chance, pick


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    "Anna Ben Carla David Elena Frank Grace Hugo Irene Jonas Karen Liam Maria Noah Olga Peter Quinn Rosa "
    "Samuel Tina Ursula Victor Wanda Xavier Yara Zoe Amir Bianca Chen Daria Emil Fatima Georg Hana"
)
LAST_NAMES = _words(
    "Smith Garcia Miller Davis Lopez Wilson Moore Taylor Martin Clark Lewis Walker Hall Young King Wright "
    "Scott Green Baker Adams Nelson Carter Mitchell Roberts Turner Phillips Campbell Parker Evans Edwards"
)
DOMAINS = ("example.com", "example.org", "example.net")
AREA_CODES = _words(
    "201 202 203 206 207 208 209 210 213 214 215 216 217 218 224 225 228 229 231 234 239 240 248 251 252 "
    "253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 "
    "318 319 320 321 323 325 330 334 336 337 347 352 360 361 386 401 402 404 405 406 407 408 409 410"
)
# 555-0100 to 555-0199 are reserved for fiction; the rest of exchange 555 follows when more are needed.
FICTION_LINES = tuple(range(100, 200))
FURTHER_LINES = tuple(line for line in range(2000, 10_000) if line != 4334)
STORE_PHONE = "+12125550100"


@dataclass(frozen=True)
class Former:
    """An e-mail or phone that belongs to somebody else from the day `until` (of the window) on."""

    value: str
    until: int


@dataclass
class Person:
    """One true person; None marks an identifier this person does not have in that source."""

    number: int
    full_name: str
    email: str
    phone: str
    birth_year: int
    postal_code: str
    home_store: world.Location
    joined_day: float
    customer_ref: str
    loyalty_id: str | None
    contact_id: str | None
    crm_email: str | None
    crm_phone: str | None
    gives_store_phone: bool
    joined_at: int = 0
    second_contact_id: str | None = None
    shared_phone: str | None = None
    """Phone of a household or switchboard, given to tills and CRM instead of the own one."""
    former_email: Former | None = None
    former_phone: Former | None = None

    @property
    def is_phone_known(self) -> bool:
        """Whether the CRM holds the person's own phone, so that calls and cases meet."""
        return self.crm_phone == self.phone


def phone_numbers(count: int) -> list[str]:
    """Return distinct fictional US phone numbers in E.164, those reserved for fiction first."""
    numbers: list[str] = []
    for line in FICTION_LINES + FURTHER_LINES:
        numbers.extend(f"+1{area}555{line:04d}" for area in AREA_CODES)
        if len(numbers) >= count:
            break
    return numbers[:count]


def make_people(count: int, rng: np.random.Generator, window: world.Window) -> list[Person]:
    """Draw the people; exports number them in an order that says nothing about when they joined."""
    phones = phone_numbers(count)
    phone_order, ref_order, crm_order = (rng.permutation(count) for _ in range(3))
    return [_person(i, phones[phone_order[i]], int(ref_order[i]), int(crm_order[i]), rng, window) for i in range(count)]


def _person(number: int, phone: str, ref: int, crm: int, rng: np.random.Generator, window: world.Window) -> Person:
    first, last = pick(rng, FIRST_NAMES), pick(rng, LAST_NAMES)
    email = f"{first}.{last}{number}@{pick(rng, DOMAINS)}".lower()
    loyalty = f"L{70_000_000 + crm * 7}" if chance(rng, world.LOYALTY_SHARE) else None
    in_crm = chance(rng, world.CRM_SHARE)
    crm_email, crm_phone = _crm_identifiers(email, phone, rng)
    return Person(
        number=number,
        full_name=f"{first} {last}",
        email=email,
        phone=phone,
        birth_year=between(rng, 1945, 2006),
        postal_code=f"{between(rng, 10_000, 99_950):05d}",
        home_store=pick(rng, world.STORES),
        joined_day=float(rng.random() * window.days * 0.98),
        customer_ref=f"C{100_000 + ref}",
        loyalty_id=loyalty,
        contact_id=f"003{crm:07d}" if in_crm else None,
        crm_email=crm_email if in_crm else None,
        crm_phone=crm_phone if in_crm else None,
        gives_store_phone=chance(rng, world.STORE_PHONE_SHARE),
    )


def _crm_identifiers(email: str, phone: str, rng: np.random.Generator) -> tuple[str | None, str | None]:
    """Return e-mail and phone as the CRM holds them: own, shared placeholder, or none."""
    crm_email = Weighted[str | None](
        {email: 0.92 - world.TEST_EMAIL_SHARE, world.TEST_EMAIL: world.TEST_EMAIL_SHARE, None: 0.08}
    ).draw(rng)
    crm_phone = Weighted[str | None]({phone: 0.87, STORE_PHONE: 0.01, None: 0.12}).draw(rng)
    if crm_email in (None, world.TEST_EMAIL) and crm_phone != phone:
        crm_phone = phone
    return crm_email, crm_phone


def email_as_typed(email: str, rng: np.random.Generator) -> str:
    """Return the e-mail in one of the spellings people type: case and outer spaces vary."""
    name, domain = email.split("@")
    titled = f"{name.title()}@{domain.capitalize()}"
    return pick(rng, (email, email, email, titled, f" {email}", f"{titled} ", email.upper()))


def phone_as_typed(phone: str, rng: np.random.Generator) -> str:
    """Return the US phone number in one of the spellings people type."""
    area, exchange, line = phone[2:5], phone[5:8], phone[8:]
    spellings = (
        phone,
        f"{area}{exchange}{line}",
        f"+1 ({area}) {exchange}-{line}",
        f"({area}) {exchange}-{line}",
        f"{area}.{exchange}.{line}",
        f"1-{area}-{exchange}-{line}",
    )
    return pick(rng, spellings)
