"""Events for other systems: one feed out of the log, and subscriptions that are sent it in order until they have it."""
