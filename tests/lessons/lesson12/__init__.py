"""Lesson 12: its set-ups, and known answers to its exercises."""
