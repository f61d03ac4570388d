"""Lesson 07: its set-ups, and known answers to its exercises."""
