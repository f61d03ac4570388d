"""Crash: what a service has not finished is done again, and a handler that was cut short leaves nothing behind."""

from eventlab import Crash, Event, Lab

lab = Lab(seed=1)
shop, mail = lab.service("shop"), lab.service("mail")


@mail.on("order.*", durable="mail")
async def write(event):
    mail.state["letters"] = mail.state.get("letters", 0) + 1
    await mail.sleep(2)  # it crashes here, and the letter is not counted


lab.inject(Crash("mail", at=6, until=60))
for second in (5, 10, 70):
    lab.at(second, shop.publish, Event("order.placed"))
lab.run(until=7)
print("at second 7:", mail, mail.state)
lab.run()
print("in the end:", mail, mail.state)
print("handled at seconds:", [round(record.at / 10**9) for record in lab.trace.of("handled")])
