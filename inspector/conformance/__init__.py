"""`inspector probe`: ask an endpoint everything, judge what comes back, and score it."""
