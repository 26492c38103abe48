"""What may be done with money. Everything not named here is private to this package."""

from tinhso.apps.payments.actions._ledger import post
from tinhso.apps.payments.actions._orders import cancel_order, raise_order

__all__ = ["cancel_order", "post", "raise_order"]
