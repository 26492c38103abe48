"""Cashless pay-outs: payee lists, monthly runs, bank files, results (chi trả không dùng tiền mặt)."""
