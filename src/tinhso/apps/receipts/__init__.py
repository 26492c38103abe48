"""Electronic receipts of fees and charges (biên lai điện tử)."""
