"""What changed between sets of responses."""
