"""Simulator of the national identity (VNeID): OpenID Connect as its public clients see it, with fictional people."""

from tinhso.simulators.identity.app import create_app

__all__ = ["create_app"]
