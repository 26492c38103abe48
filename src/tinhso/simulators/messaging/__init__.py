"""Stand-ins for what messages go through: two gateways of short messages, Zalo, a push service; and the phone at the end."""

from tinhso.simulators.messaging.app import create_app

__all__ = ["create_app"]
