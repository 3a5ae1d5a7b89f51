"""Estimates that SQL cannot make, between models and reports of a build: resampled figures, fitted models."""

from sqlalchemy import Engine

from touchline.estimates import channels, forecast, profit_chain

__all__ = ["run"]


def run(engine: Engine, build_id: int) -> None:
    """Make every estimate anew from the build's tables."""
    channels.run(engine, build_id, channels.SCORES)
    channels.run(engine, build_id, channels.ANSWERS)
    channels.run(engine, build_id, channels.ISSUES)
    forecast.run(engine, build_id)
    profit_chain.run(engine, build_id)
