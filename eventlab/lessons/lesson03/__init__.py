"""The lesson on publish/subscribe: the exercises at the airport, and those in other trades."""

from eventlab.lessons.judging.model import Lesson
from eventlab.lessons.lesson03.ex1_order import ORDER, REPAIR
from eventlab.lessons.lesson03.ex3_telling import TELL
from eventlab.lessons.lesson03.ex4_hospital import WIRE
from eventlab.lessons.lesson03.ex5_scaling import DECIDE
from eventlab.lessons.lesson03.questions import PREDICTIONS, WARM_UP

LESSON = Lesson("03", "Publish/subscribe", (ORDER, REPAIR, TELL, WIRE, DECIDE), PREDICTIONS, WARM_UP)
