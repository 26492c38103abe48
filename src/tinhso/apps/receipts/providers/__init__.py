"""Outside providers of electronic receipts."""
