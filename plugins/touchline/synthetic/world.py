"""The planted world: every parameter the generator draws from, and the window of time it covers.

Nothing here is measured from real people. Probabilities are per event named; times are seconds unless
the name says days.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = 86_400
HOUR = 3_600
CURRENCY = "USD"
TAX_RATE = 0.08


@dataclass(frozen=True)
class Window:
    """Half-open span ``[start, stop)`` in epoch seconds; ``stop`` is midnight UTC at the end date."""

    start: int
    stop: int
    days: int

    @classmethod
    def ending(cls, end: date, days: int) -> "Window":
        """Return the window of ``days`` whole UTC days before midnight of ``end``."""
        midnight = datetime(end.year, end.month, end.day, tzinfo=UTC)
        return cls(int((midnight - timedelta(days=days)).timestamp()), int(midnight.timestamp()), days)

    def if_closed(self, instant: int | None) -> int | None:
        """Return the instant when it lies inside the window, else None: the future is not exported."""
        return instant if instant is not None and instant < self.stop else None


@dataclass(frozen=True)
class Location:
    """A shop or an online channel that sells."""

    location_id: str
    name: str
    timezone: str
    region: str
    format: str

    @property
    def zone(self) -> ZoneInfo:
        """The location's time zone."""
        return ZoneInfo(self.timezone)


STORES = (
    Location("S01", "Broadway", "America/New_York", "northeast", "flagship"),
    Location("S02", "Brooklyn Heights", "America/New_York", "northeast", "city"),
    Location("S03", "Back Bay", "America/New_York", "northeast", "city"),
    Location("S04", "Michigan Avenue", "America/Chicago", "midwest", "flagship"),
    Location("S05", "Lincoln Park", "America/Chicago", "midwest", "city"),
    Location("S06", "Uptown Dallas", "America/Chicago", "south", "mall"),
    Location("S07", "Berlin Mitte", "Europe/Berlin", "europe", "flagship"),
    Location("S08", "Hamburg Altstadt", "Europe/Berlin", "europe", "city"),
)
ONLINE = {
    "web": Location("S90", "Web shop", "America/New_York", "online", "web"),
    "app": Location("S91", "Mobile app", "America/New_York", "online", "app"),
}
EMPLOYEES_PER_STORE = 6
AGENTS = 25
# Who writes for so much longer after each call; in nothing else does any agent differ from the others.
SLOW_AGENTS, SLOW_AGENT_SECONDS = (4, 13, 21), 150
AGENTS_BY_QUEUE = {"q_billing": (1, 9), "q_delivery": (8, 18), "q_general": (16, 25)}

CHANNEL_MIX = {"store": 0.60, "web": 0.28, "app": 0.12}
SEGMENT_MIX = {"value": 0.50, "standard": 0.35, "premium": 0.15}
SEGMENT_CHANGE = 0.20

CRM_SHARE = 0.85
LOYALTY_SHARE = 0.70
SECOND_CONTACT_SHARE = 0.04
STORE_PHONE_SHARE = 0.02
TEST_EMAIL_SHARE = 0.015
TEST_EMAIL = "test@example.com"
HOUSEHOLD_SHARE = 0.03
PEOPLE_PER_SWITCHBOARD, SWITCHBOARD_SIZE = 1_000, 12
RECYCLED_SHARE = 0.003

# Purchases follow BG/NBD (Fader, Hardie and Lee 2005), times in days: rate ~ Gamma(r, alpha),
# dropout after each repeat purchase ~ Beta(a, b).
PURCHASE_R, PURCHASE_ALPHA_DAYS, DROPOUT_A, DROPOUT_B = 2.0, 24.0, 1.0, 6.0
WALK_IN_SHARE = 0.12
RETURN_SHARE = 0.06
# P(a contact proposes something), P(it is adopted), within SUGGESTION_DAYS.
SUGGESTION_SHARE, ADOPTED_SHARE, SUGGESTION_DAYS = 0.25, 0.30, 30
# One contact in so many is bound by contract or prepayment for so many days from the first purchase on.
BOUND_EVERY, BOUND_DAYS = 4, 180
# Campaign messages a month of a contact who agreed to them; P(refuses in the month after so many).
CAMPAIGN_LEVELS = {1: 0.35, 3: 0.30, 5: 0.20, 8: 0.15}
REFUSES_AFTER = {1: 0.02, 3: 0.05, 5: 0.12, 8: 0.30}
# P(the person never buys again) after sending something back; DEFECTION_DAYS without a purchase make a lapsed customer.
LEAVES_AFTER_RETURN_SHARE = 0.50
DEFECTION_DAYS = 90
LATE_SHARE = 0.08
# P(who bought NEED_AFTER takes NEED along with the next purchase of another day, if that comes within NEED_DAYS).
NEED_AFTER, NEED, NEED_SHARE, NEED_DAYS = "outdoor", "kitchen", 0.80, 30
OVERRIDE_SHARE = 0.02
WEB_PRICE_FACTOR = 0.95
WEB_PRICED_PRODUCTS = ("P003", "P011", "P019", "P027", "P035")
# The price list rises half way, and the tills go on with the old prices: what is paid falls short of what is asked.
UNHEARD_PRICE_RISE = 0.10

# P(the person contacts again about the issue within seven days of a first contact).
REPEAT_WITHIN_7_DAYS = {"billing": 0.18, "delivery": 0.30, "product": 0.12, "account": 0.08}
ISSUE_MIX = {"billing": 0.30, "delivery": 0.35, "product": 0.20, "account": 0.15}
QUEUE_OF_ISSUE = {
    "billing": "q_billing",
    "delivery": "q_delivery",
    "product": "q_general",
    "account": "q_general",
}
CONTACT_CHANNEL_MIX = {"voice": 0.65, "email": 0.20, "chat": 0.15}
SAME_CHANNEL_REPEAT = 0.70
THREAD_GAMMA_SHAPE, THREAD_MEAN_GAP_DAYS = 1.5, 18.0

TRANSFER_SHARE = 0.12
CASE_OF_CALL_SHARE = 0.40
UNKNOWN_CALLER_SHARE = 0.12
# P(an answered call is marked solved), by whether the caller comes back about it.
SOLVED_CALL_SHARE = {"came_back": 0.5, "stayed_away": 0.9}
JOURNEY_DAYS = 14
OUTBOUND_SHARE = 0.02


@dataclass(frozen=True)
class QueueLoad:
    """Waiting in one queue: answered at once, else exponential wait against exponential patience."""

    no_wait: float
    mean_wait: float
    mean_patience: float

    @property
    def abandonment(self) -> float:
        """P(abandon) of one attempt: two exponentials race, mean w against mean p, so w / (w + p)."""
        return (1 - self.no_wait) * self.mean_wait / (self.mean_wait + self.mean_patience)


QUEUES = {
    "q_billing": QueueLoad(0.45, 60.0, 240.0),
    "q_delivery": QueueLoad(0.35, 80.0, 240.0),
    "q_general": QueueLoad(0.55, 45.0, 255.0),
}

# What waiting callers are told, drawn without regard to their patience: being told changes nobody's mind.
NOTICE_AFTER_SECONDS = 15
TOLD_SHARE = 0.60
QUOTE_KEPT_SHARE = 0.70
CALLBACK_OFFER_SHARE = 0.50
CALLBACK_ACCEPTED_SHARE = 0.60
CALLBACK_KEPT_SHARE = 0.85

# The roster of the latest weeks, and what agents do: turns of handling and idling of this mean length together.
STAFFED_DAYS = 28
SHIFT_STARTS = (12 * HOUR + 45 * 60, 15 * HOUR + 15 * 60)
SHIFT_SECONDS, BREAK_SECONDS = 7 * HOUR, 1_800
SHIFT_MISSED_SHARE = 0.08
OCCUPANCY, TURN_SECONDS = 0.75, 3_600

# How cases are answered, and the one channel that answers one issue otherwise.
ANSWERS = {"explained": 0.5, "refunded": 0.3, "replaced": 0.2}
ANSWERED_OTHERWISE = {"billing": {"chat": {"explained": 0.1, "refunded": 0.7, "replaced": 0.2}}}
CASE_KIND_MIX = {"complaint": 0.40, "request": 0.30, "question": 0.30}
ESCALATED_SHARE = 0.08
# P(a note is written while a closed case is open), P(a preference is recorded within REFRESH_DAYS of the close).
NOTED_SHARE, PREFERENCE_SHARE, REFRESH_DAYS, NEXT_CONTACT_DAYS = 0.65, 0.25, 7, 30
APOLOGY_SHARE = 0.70
CLOSING_MESSAGE_SHARE = 0.50

CSAT_SCORES = {
    "store": (0.02, 0.03, 0.05, 0.30, 0.60),
    "phone": (0.10, 0.15, 0.20, 0.35, 0.20),
    "web": (0.04, 0.06, 0.15, 0.45, 0.30),
}
CSAT_SENT_SHARE = {"store": 0.35, "phone": 0.35, "web": 0.65}
CSAT_ANSWER_SHARE = {"store": 0.40, "phone": 0.40, "web": 0.50}
NPS_SCORES = (0.02, 0.01, 0.02, 0.02, 0.03, 0.06, 0.09, 0.15, 0.20, 0.18, 0.22)
NPS_ANSWER_SHARE = 0.30
NPS_EVERY_DAYS = 60

CES_SCORES = (0.03, 0.05, 0.07, 0.10, 0.20, 0.30, 0.25)
CES_SENT_SHARE, CES_ANSWER_SHARE = 0.40, 0.40


@dataclass(frozen=True)
class Servqual:
    """Means of one dimension on 1 to 7, its weight in points, and what managers believe that customers expect."""

    expected: float
    perceived: float
    weight: int
    believed: float


SERVQUAL_SHARE = 0.25
SERVQUAL = {
    "tangibles": Servqual(5.5, 5.9, 11, 6.0),
    "reliability": Servqual(6.5, 5.6, 32, 6.0),
    "responsiveness": Servqual(6.2, 5.9, 22, 6.2),
    "assurance": Servqual(6.0, 6.1, 19, 6.0),
    "empathy": Servqual(5.8, 5.2, 16, 5.0),
}

RECOVERY_OF_COMPLAINT_SHARE = 0.60
RECOVERY_OF_LATE_ORDER_SHARE = 0.25
FIRST_EMPLOYEE_SHARE = 0.60
ACCEPTANCE = {"first_employee": 0.82, "handed_over": 0.64}
COMPENSATION_CENTS = {
    "late_delivery": (500, 1500),
    "wrong_item": (1000, 4000),
    "billing_error": (500, 2500),
    "rude_service": (1000, 2000),
}

# P(fulfilled by its due date) of a promise; of those broken, some are never fulfilled. Deliveries: see LATE_SHARE.
PROMISE_MIX = {"call_back": 0.40, "answer": 0.40, "refund": 0.20}
PROMISE_KEPT = {"call_back": 0.85, "answer": 0.92, "refund": 0.78}
PROMISED_CASE_SHARE = 0.50
FORGOTTEN_SHARE = 0.40
PROMISE_REMEMBERED_DAYS = 14

# P(an observed item of the standards is kept) in stores that live by it and in those that do not; who lives by which.
OBSERVATIONS_PER_DAY, THIN_DAY_SHARE = 3, 0.10
KEPT_WHERE_LIVED, KEPT_ELSEWHERE = 0.98, 0.50
LIVED_IN = {
    "greeting": ("S01", "S02", "S03", "S04", "S05", "S06", "S07"),
    "name_used": ("S01", "S02", "S03", "S04"),
    "farewell": ("S01", "S02", "S05"),
}
LEVEL_OF_STORE = (
    {"S01": "high", "S02": "high", "S03": "standard", "S04": "standard"}
    | dict.fromkeys(("S05", "S06", "S07"), "basic")
    | {"S08": "none"}
)

# How much of a store's mood is the service of the month after (correlation); no other link of the chain is planted.
MOOD_FORETELLS_QUALITY = 0.9
# P(a peer of a role model keeps what they would have missed) where the practice is taken up.
LEARNED_SHARE = 0.50

EXECUTIVES, PROMOTED_SHARE = 3, 0.15

VERSIONED_CASE_SHARE, REPEATED_LEG_SHARE = 0.005, 0.005
