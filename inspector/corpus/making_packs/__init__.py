"""Many small recordings as few large files, and back."""
