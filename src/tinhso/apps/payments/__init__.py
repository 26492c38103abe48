"""Phí, lệ phí và tiền: what is owed, how it is paid, the book of it, refunds, shifts, reconciliation."""
