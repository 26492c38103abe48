"""Money: counter shifts, orders, refunds, reconciliation."""
