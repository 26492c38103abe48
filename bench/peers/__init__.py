"""Other systems of the field, fetched and run as they come, so that the same work can be measured beside ours."""
