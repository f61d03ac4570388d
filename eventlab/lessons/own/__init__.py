"""Something of one's own: the learner's service `hotels`, through all lessons. No lesson needs it.

from eventlab.lessons import own

own.keep(my_hotels)                             # write it into hotels.py, beside the notebooks
own.plug(own.hotels(), "event notification")    # let it work through the storm
own.attack(own.hotels())                        # break it
own.export(own.hotels())                        # make a page of it, to be shown
"""

from eventlab.lessons.own.attacking import attack
from eventlab.lessons.own.exporting import export
from eventlab.lessons.own.keeping import hotels, keep, reset
from eventlab.lessons.own.plugging import plug, sourced

__all__ = ["attack", "export", "hotels", "keep", "plug", "reset", "sourced"]
