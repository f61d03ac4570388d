"""Lesson 01: its set-ups, and known answers to its exercises."""
