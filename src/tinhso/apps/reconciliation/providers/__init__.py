"""Outside systems this app speaks with."""
