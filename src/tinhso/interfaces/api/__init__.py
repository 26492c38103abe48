"""The HTTP API, version 1: JSON for other systems, described in OpenAPI 3.1 at `/api/v1/openapi.json`."""
