"""Adapters to the sign-in library: how the national identity's dialect of OpenID Connect is spoken."""
