"""Request and time-out: an answer, a definite no, a no for now, or nothing at all; each calls for something else."""

from eventlab import Command, Crash, Lab, NoReply, Partition, Refused, Unavailable

lab = Lab(seed=1)
shop, bank = lab.service("shop"), lab.service("bank")


@bank.answers("card.charge")
def charge(command):
    if command.data["card"] == "stolen":
        raise Refused("the card is stolen")
    return {"paid": command.data["amount"]}


async def pay(card):
    try:
        print(await shop.request("bank", Command("card.charge", {"card": card, "amount": 30}), timeout=2))
    except Refused as no:
        print("a definite no:", no)
    except Unavailable as no:
        print("a no for now:", no)
    except NoReply as nobody:
        print("nobody knows:", nobody)


lab.inject(Crash("bank", at=10, until=20), Partition("bank", at=30))
for second, card in ((1, "Ada's"), (2, "stolen"), (12, "Ada's"), (32, "Ada's")):
    lab.at(second, lambda card=card: lab.start(pay(card)))
lab.run()
