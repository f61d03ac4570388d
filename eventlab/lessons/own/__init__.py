"""Something of one's own: the learner's service `hotels`, through all lessons. No lesson needs it."""

from eventlab.lessons.own.attacking import attack

__all__ = ["attack"]
