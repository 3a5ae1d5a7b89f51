"""Whom names, birth years and post codes suggest to be one person: scores for people to review, which join nobody.

`attributes` prepares plain values, `model` scores pairs of them by Splink, `scoring` takes them out of the vault under
a role of its own and lets nothing but scores back out, `review` reads those beside who is who. docs/identity.md says
how well it does. Splink is an extra: nothing but the command imports this package, which imports Splink when it scores.
"""

from touchline.weak_identity.review import Review, review
from touchline.weak_identity.scoring import THRESHOLD, Scoring, score

__all__ = ["THRESHOLD", "Review", "Scoring", "review", "score"]
