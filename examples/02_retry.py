"""Retry: a handler that fails is given its event again, after a pause, until it works or the tries are used up."""

from eventlab import Event, Lab, Unavailable

lab = Lab(seed=1)
shop, mail = lab.service("shop"), lab.service("mail")
open_from = 4 * 10**9  # the post office opens at second 4; service.now is in nanoseconds


@mail.on("order.*", durable="mail", max_deliver=3, backoff=(1, 5))
def send(event):
    if event.data["to"] == "nowhere":
        raise ValueError("no such address")
    if mail.now < open_from:
        raise Unavailable("the post office is closed")
    mail.state[event.data["to"]] = "sent"


shop.publish(Event("order.placed", {"to": "Ada"}))
shop.publish(Event("order.placed", {"to": "nowhere"}))
lab.run()
for record in lab.trace.of("failed", "retried", "handled", "dead"):
    print(f"{record.at / 10**9:5.2f} s  {record.where:4}  {record.kind:8}  {record.message.id}  {record.note}")
print(mail.state, "dead letters:", [letter.event.id for letter in lab.bus.subscriptions["mail"].dead])
