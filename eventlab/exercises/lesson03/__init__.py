"""Lesson 03, publish/subscribe: its questions, the exercises at the airport, and those in other trades."""

from eventlab.exercises.lesson03.lesson import LESSON

__all__ = ["LESSON"]
