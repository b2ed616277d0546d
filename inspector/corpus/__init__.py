"""A million recordings: the same readings of each, spread over an engine, as tables."""
