"""Touchline: a customer-experience data warehouse from POS, CRM and call-center exports."""

__version__ = "0.1.0"
