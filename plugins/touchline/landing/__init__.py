"""Landing: export files become typed, tokenised rows in `raw`, their ledger entry, and a quarantine of the rest.

`places` opens a source's location (`stores`, `store_options`, `store_errors`), `discover` finds files, `spool` has them
at hand, `records` cuts them, `judge` decides (with `evaluate`, `values` and `tokens`), `fast` does both for whole
columns where it is sure, `physical`, `fields`, `gaps` and `binarycopy` write rows as Postgres takes them, `batch` and
`writer` bring them to the warehouse, `gate` keeps erased persons out, `load` is the whole of it.
"""
