"""Airflow finds Touchline's page here."""

from touchline.orchestration.plugin import TouchlinePlugin as TouchlinePlugin
