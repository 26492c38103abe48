"""Paying a line of a collection list by its code, without signing in (nộp học phí, viện phí)."""
