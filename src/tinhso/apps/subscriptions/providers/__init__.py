"""Ways out: HTTP to a system's own address, JetStream."""
