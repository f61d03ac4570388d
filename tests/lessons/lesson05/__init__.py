"""Lesson 05: its town, and known answers to its exercises."""
