"""The ways out: gateways of short messages, Zalo, SMTP, push services. No database here; every call has a time limit."""
