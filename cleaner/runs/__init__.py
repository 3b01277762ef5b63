"""Many files in, many files out: planned, cut, worked on by many, remembered and reported."""
