"""Filters of lines of text, ours and its peers, on the same held-out documents: make compare."""
