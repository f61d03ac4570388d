"""Measures of any trace: requests, queues, staleness, availability and traffic; nothing here knows an airport."""
