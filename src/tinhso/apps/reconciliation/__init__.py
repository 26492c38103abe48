"""Keeping step with the national public-service portal: what comes in, what goes out, and whether both sides agree."""
