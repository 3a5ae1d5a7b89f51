"""The quick way through an export: whole columns at once, for records it is sure of; the exact judge sees the rest.

`chunks` cuts the text into lines and records (`exact` reads those of several lines), `shapes` finds the lines whose
fields are certain, `plan` compiles the mapping (with `vectors`, `casts`, `timestamps`, `zones`), `frames` and
`entities` compute whole columns, `personal` makes tokens, `reader` brings it together.
"""

from touchline.landing.fast.plan import Plan, plan
from touchline.landing.fast.reader import FastReader, open_fast

__all__ = ["FastReader", "Plan", "open_fast", "plan"]
