"""Petitions: what people say about regulations, officers and cases, and what the agency answers (phản ánh, kiến nghị)."""
