"""Lesson 03: its set-ups, and known answers to its exercises."""
