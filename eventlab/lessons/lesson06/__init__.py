"""The lesson on event notification: a thin event, and who asks whom because of it."""

from eventlab.lessons.judging.model import Lesson
from eventlab.lessons.lesson06.ex1_order import ORDER, REPAIR
from eventlab.lessons.lesson06.ex3_cache import CACHE
from eventlab.lessons.lesson06.ex4_ward import WARD
from eventlab.lessons.lesson06.ex5_prices import PRICES
from eventlab.lessons.lesson06.ex6_designs import DECIDE
from eventlab.lessons.lesson06.questions import PREDICTIONS, WARM_UP

LESSON = Lesson("06", "Event notification", (ORDER, REPAIR, CACHE, WARD, PRICES, DECIDE), PREDICTIONS, WARM_UP)
