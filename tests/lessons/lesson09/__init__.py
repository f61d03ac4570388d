"""Lesson 09: its set-ups, and known answers to its exercises."""
