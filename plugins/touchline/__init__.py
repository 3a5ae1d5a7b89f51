"""Touchline: a customer-experience data warehouse from POS, CRM and call-center exports."""

import os

__version__ = "0.1.0"

# Linear algebra here is of a few parameters: threads for it would only wait for each other, at the cost of a core. Read
# when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
