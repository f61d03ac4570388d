"""Asking and judging: what lessons are made of, and how an answer is tried."""
