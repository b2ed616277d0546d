"""On the way to the API and recorded: what forwards every byte and leaves the recording to the tap."""
