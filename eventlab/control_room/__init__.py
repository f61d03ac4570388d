"""The control room: one to three architectures on one clock, and the faults are in your hands.

`told` derives all that is shown from a trace; `acts` are what you do, as data; `session` runs ahead and follows you.
"""
