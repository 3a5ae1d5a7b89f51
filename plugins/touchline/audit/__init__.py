"""Audits: is a load fit to build on (`loads`), is a build fit to publish (`marts`)?

Nothing passes by being absent: a mart without a suite and a suite without a mart are failures of their own. `suites`
reads the files, `session` runs them in Great Expectations, `changes` confines row checks to changed keys, `comparison`
compares with what readers see, `yardsticks` a load with those before it; `results` is what was found, `keys` finds
examples, `overrides` holds what somebody answers for.
"""

from touchline.audit.comparison import Published
from touchline.audit.loads import LoadToAudit, load_auditor, run_suites
from touchline.audit.marts import NEVER, audit_marts
from touchline.audit.results import AuditResult

__all__ = ["NEVER", "AuditResult", "LoadToAudit", "Published", "audit_marts", "load_auditor", "run_suites"]
