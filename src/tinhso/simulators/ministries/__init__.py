"""Stand-ins for the ministries' systems that run legs of linked cases: justice, police, health insurance."""

from tinhso.simulators.ministries.app import create_app

__all__ = ["create_app"]
