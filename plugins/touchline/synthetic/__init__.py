"""Seeded synthetic exports of an invented retail brand, with the truth planted in them."""

from touchline.synthetic.generate import GeneratedExports, GeneratedFile, generate

__all__ = ["GeneratedExports", "GeneratedFile", "generate"]
