"""Pages of official mail."""
