"""Lesson 06: its set-ups, and known answers to its exercises."""
