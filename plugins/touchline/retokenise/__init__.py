"""Moves every token of the warehouse to today's key and normaliser: `values` computes, `places` moves, `run` leads."""

from touchline.retokenise.run import Move, retokenise

__all__ = ["Move", "retokenise"]
