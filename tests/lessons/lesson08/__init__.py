"""Lesson 08: known answers to its exercises, and what its runs give."""
