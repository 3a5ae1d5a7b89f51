"""How the warehouse is doing (`status`, `metrics`), and whether this installation is fit to run (`doctor`)."""

from touchline.health.doctor import Finding, doctor
from touchline.health.status import looked_at, status

__all__ = ["Finding", "doctor", "looked_at", "status"]
