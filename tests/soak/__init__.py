"""Trouble for as long as one lets it: `python -m tests.soak [SECONDS] [--seed N]`."""
