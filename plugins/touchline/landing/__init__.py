"""Landing: export files become typed, tokenised rows in `raw`, their ledger entry, and a quarantine of the rest.

`discover` finds files, `records` cuts them, `judge` decides (with `evaluate`, `values` and `tokens`), `load` writes.
"""
