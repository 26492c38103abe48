"""Systems outside that cases speak with. `ministries` is the only one: legs that run in ministries' systems."""
