"""`probe`: send requests to an endpoint, judge what comes back, and keep the score."""
