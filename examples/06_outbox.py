"""Outbox: state and event are stored in one step, so a crash in between loses neither."""

from eventlab import Command, CrashBefore, Event, Inbox, Lab, Outbox, Store


def sold(*, with_outbox):
    lab = Lab(seed=1)
    people, shop, mail = lab.client("people"), lab.service("shop"), lab.service("mail")
    if with_outbox:
        Outbox(shop, Store())
    Inbox(mail)  # an event may come twice: the second time does nothing

    @shop.answers("order.place")
    def place(command):
        shop.state["sold"] = shop.state.get("sold", 0) + 1
        return Event("order.placed", {"order": shop.state["sold"]})

    @mail.on("order.placed", durable="mail")
    def write(event):
        mail.state["letters"] = mail.state.get("letters", 0) + 1

    lab.inject(CrashBefore("shop", "publish", at=2, pause=10))
    for second in (1, 3, 20):
        lab.at(second, people.tell, "shop", Command("order.place"))
    lab.run()
    return f"{shop.state['sold']} sold, {mail.state['letters']} letters written"


print("without an outbox:", sold(with_outbox=False))
print("with an outbox:   ", sold(with_outbox=True))
