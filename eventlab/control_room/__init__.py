"""The control room: one to three architectures on one clock, and the faults are in your hands.

    from eventlab.control_room import control_room
    control_room(Scenario().leaving("14:00", "15:00"), "request-driven", "event-carried state transfer")

`told` derives all that is shown from a trace; `acts` are what you do, as data; `session` runs ahead and follows you;
`browser/` is the page.
"""

from eventlab.control_room.room import Room, control_room

__all__ = ["Room", "control_room"]
