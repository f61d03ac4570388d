"""The sequence diagram: a lifeline for each service, an arrow for each message."""
