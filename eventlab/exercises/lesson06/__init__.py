"""The lesson on event notification: a thin event, and who asks whom because of it."""

from eventlab.exercises.lesson06.designs import DECIDE
from eventlab.exercises.lesson06.prices import PRICES
from eventlab.exercises.lesson06.questions import PREDICTIONS, WARM_UP
from eventlab.exercises.lesson06.remembered import CACHE
from eventlab.exercises.lesson06.rows import ORDER, REPAIR
from eventlab.exercises.lesson06.ward import WARD
from eventlab.exercises.model import Lesson

LESSON = Lesson("06", "Event notification", (ORDER, REPAIR, CACHE, WARD, PRICES, DECIDE), PREDICTIONS, WARM_UP)
