"""`cleaner` within other libraries: a room for each; nothing imports one until it is asked for."""
