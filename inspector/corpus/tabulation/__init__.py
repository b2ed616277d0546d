"""Recordings as tables: the job that makes Arrow batches of them, and the folder that keeps them."""
