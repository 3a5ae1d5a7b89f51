"""What an audit found: plain, frozen data that the ledger stores and an alert tells."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Literal

from touchline.audit.figures import Sums

Severity = Literal["critical", "warning"]
Outcome = Literal["passed", "failed", "crashed"]
Verdict = Literal["passed", "passed_with_warnings", "failed", "crashed"]

_RANK = {
    ("crashed", "critical"): 0,
    ("crashed", "warning"): 1,
    ("failed", "critical"): 2,
    ("failed", "warning"): 3,
}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check of one suite.

    `observed` is one readable line, `unexpected_count` counts rows (None where the check does not count
    them), `example_keys` holds at most five keys of failing rows, composite keys joined by '/'.
    """

    suite: str
    check_id: str
    severity: Severity
    outcome: Outcome
    observed: str
    unexpected_count: int | None
    example_keys: tuple[str, ...]
    owner: str
    why: str
    next_step: str


@dataclass(frozen=True, slots=True)
class AuditResult:
    """All checks of one audit and the verdict that follows from them.

    `suites` holds the fingerprint of each suite that ran; an audit is not `is_full` if it looked at changed rows alone
    where that is enough. `sums`: table → SQL aggregate → value, what the figures of the next build are reckoned from.
    """

    checks: tuple[CheckResult, ...]
    suites: Mapping[str, str] = field(default_factory=dict)
    is_full: bool = True
    sums: Mapping[str, Sums] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """`crashed` when any check crashed or none ran, else `failed` when a critical check failed.

        A crashed check says nothing about the data, so it blocks whatever its severity is.
        """
        outcomes = {(check.outcome, check.severity) for check in self.checks}
        if not outcomes or any(outcome == "crashed" for outcome, _ in outcomes):
            return "crashed"
        if ("failed", "critical") in outcomes:
            return "failed"
        return "passed_with_warnings" if ("failed", "warning") in outcomes else "passed"

    @property
    def is_fit(self) -> bool:
        """Whether what was audited may be used: no crash and no critical failure."""
        return self.verdict in ("passed", "passed_with_warnings")

    @property
    def failing(self) -> tuple[CheckResult, ...]:
        """Checks that did not pass, worst first: crashed, critical, warning; then by rows, suite, id."""
        found = [check for check in self.checks if check.outcome != "passed"]
        return tuple(sorted(found, key=_badness))

    def to_json(self) -> dict[str, object]:
        """Plain data for the ledger: verdict, counts by outcome, fingerprints of the suites, every check."""
        counts = {name: sum(c.outcome == name for c in self.checks) for name in ("passed", "failed", "crashed")}
        checks = [{**asdict(check), "example_keys": list(check.example_keys)} for check in self.checks]
        return {
            "verdict": self.verdict,
            "counts": counts,
            "is_full": self.is_full,
            "suites": dict(self.suites),
            "sums": {table: {name: _exact(value) for name, value in sums.items()} for table, sums in self.sums.items()},
            "checks": checks,
        }


def _exact(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _badness(check: CheckResult) -> tuple[int, int, str, str]:
    return _RANK[check.outcome, check.severity], -(check.unexpected_count or 0), check.suite, check.check_id
