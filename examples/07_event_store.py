"""Event store: streams of events that are only ever added to, and one winner for each version."""

from eventlab import NO_STREAM, Event, Store, WrongExpectedVersion

paid_in = Event("money.paid_in", {"amount": 50}, id="e2")
paid_out = Event("money.paid_out", {"amount": 20}, id="e3")
too_late = Event("money.paid_out", {"amount": 40}, id="e4")  # decided by somebody who had not seen the other two

with Store() as store:
    store.append("account-1", [Event("account.opened", {"owner": "Ada"}, id="e1")], NO_STREAM)
    store.append("account-1", [paid_in, paid_out], 1)
    try:
        store.append("account-1", [too_late], 1)
    except WrongExpectedVersion as error:
        print("refused:", error)
    store.append("account-2", [Event("account.opened", {"owner": "Grace"}, id="e5")], NO_STREAM)

    for recorded in store.read("account-1"):
        print(recorded.version, recorded.event.type, dict(recorded.event.data))
    print("all streams, in one order:", [(each.position, each.stream) for each in store.read_all()])
    store.verify()  # raises CorruptStore if anything in it was changed
    print("nothing was changed")
