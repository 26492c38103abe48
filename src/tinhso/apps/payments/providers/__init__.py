"""Outside systems: the national payment platform, banks, receipts."""
