"""Decider: two pure functions say what a command leads to; the store keeps what happened, and the state is computed."""

from eventlab import Aggregate, Command, Decider, Event, Refused, Store, given


def decide(command, balance):
    amount = command.data["amount"]
    if command.type == "money.pay_in":
        return Event("money.paid_in", {"amount": amount})
    if amount > balance:
        raise Refused(f"only {balance} there")
    return Event("money.paid_out", {"amount": amount})


def evolve(balance, event):
    return balance + event.data["amount"] * (1 if event.type == "money.paid_in" else -1)


account = Decider(0, decide, evolve)
full = Event("money.paid_in", {"amount": 50})
given(account, full).when(Command("money.pay_out", {"amount": 60})).then_refused("only 50 there")
given(account, full).when(Command("money.pay_out", {"amount": 20})).then(Event("money.paid_out", {"amount": 20}))

with Store() as store:
    accounts = Aggregate(store, "account", account)
    accounts.handle("Ada", Command("money.pay_in", {"amount": 50}, id="c1"))
    accounts.handle("Ada", Command("money.pay_out", {"amount": 20}, id="c2"))
    accounts.handle("Ada", Command("money.pay_out", {"amount": 20}, id="c2"))  # the same command again: nothing happens
    print("balance and version:", accounts.load("Ada"), "as of version 1:", accounts.load("Ada", version=1))
