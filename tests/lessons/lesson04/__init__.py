"""Lesson 04: known answers to its exercises, and what its evenings give."""
