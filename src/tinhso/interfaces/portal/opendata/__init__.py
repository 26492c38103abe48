"""Open data of the province's own work."""
