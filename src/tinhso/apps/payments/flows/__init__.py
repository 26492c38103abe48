"""Work with payment providers. Everything not named here is private to this package."""

from tinhso.apps.payments.flows._paying import ask_provider, ask_waiting, start_payment, take_platform_notice

__all__ = ["ask_provider", "ask_waiting", "start_payment", "take_platform_notice"]
