"""Estimates that SQL cannot make, between models and reports of a build: resampled figures, fitted models."""

from sqlalchemy import Engine

from touchline.estimates import forecast, permutations, profit_chain

__all__ = ["run"]


def run(engine: Engine, build_id: int) -> None:
    """Make every estimate anew from the build's tables."""
    permutations.run(engine, build_id, permutations.SCORES)
    permutations.run(engine, build_id, permutations.ANSWERS)
    forecast.run(engine, build_id)
    profit_chain.run(engine, build_id)
