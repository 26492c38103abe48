"""Outside the database: key files, the exchange's own certificate authority, the time-stamp authority."""
