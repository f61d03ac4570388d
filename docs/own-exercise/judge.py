"""The judge of `bakery.1`, an example of an exercise of an instructor's own."""

from eventlab import Event, Flaky
from eventlab.lessons import Case, Mistake, Testbed


def cases(seed):
    """Eight orders, over a line that brings some of them twice."""
    return Case(seed, 8, (Flaky(0, 60, duplication=0.4),))


def judge(answer, case, values):
    """Each order counts once, and the large ones apart."""
    bread, most = values["bread"], values["most"]
    lab = Testbed(case)
    shop, bakery = lab.service("shop"), lab.service("bakery")
    bakery.on("order.placed", lambda event: answer(bakery, event), durable="bakery")
    right = {bread: 0, "tomorrow": 0}
    for number in range(case.size):
        loaves = most + (-1, 0, 1)[number % 3] if number < 3 else 1 + lab.draws.below(2 * most)
        right[bread if loaves <= most else "tomorrow"] += loaves
        lab.at(1 + 2 * number, shop.publish, Event("order.placed", {"loaves": loaves}, f"order {number + 1}"))
    trace = lab.run()
    for key, loaves in right.items():
        found = bakery.state.get(key, 0)
        if found != loaves:
            more = "An order that came twice counted twice." if twice(found, loaves) else "An order is missing there."
            message = f"{loaves} loaves are right for {key!r}, and {found} were counted. {more}"
            marks = {record.index: f"{key}: {record.after}" for record in trace.of("changed") if record.key == key}
            raise Mistake(message, trace=trace, marks=marks, kind=f"{'large' if key == 'tomorrow' else 'small'}")


def twice(found, right):
    """Whether too much was counted."""
    return isinstance(found, int) and found > right


def shape(bakery, event):
    """What is asked for: a function of these two."""


def model(values):
    """An answer that is right."""

    def bake(bakery, event):
        seen = bakery.state.get("seen", [])
        if event.subject in seen:
            return
        bakery.state["seen"] = [*seen, event.subject]
        key = values["bread"] if event.data["loaves"] <= values["most"] else "tomorrow"
        bakery.state[key] = bakery.state.get(key, 0) + event.data["loaves"]

    return bake
