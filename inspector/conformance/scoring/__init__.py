"""A scorecard: its values, what is known to fail in it, and how it is written for people and programs."""
