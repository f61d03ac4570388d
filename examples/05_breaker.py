"""Breaker: after three failures in a row nobody waits any more; after a pause, one call may try."""

from eventlab import Breaker, Command, Crash, Lab, NoReply, Unavailable

lab = Lab(seed=1)
shop, bank = lab.service("shop"), lab.service("bank")
bank.answers("card.charge", lambda command: {"paid": 30})
breaker = Breaker(shop, "bank", limit=3, pause=20)


async def pay():
    begun = shop.now
    try:
        said = dict(await breaker.call(lambda: shop.request("bank", Command("card.charge"), timeout=2)))
    except (NoReply, Unavailable) as error:
        said = error
    print(f"{begun / 10**9:2.0f} s, waited {(shop.now - begun) / 10**9:.2f} s: {said}; breaker {breaker.state}")


lab.inject(Crash("bank", at=10, until=40))
for second in range(5, 66, 6):
    lab.at(second, lambda: lab.start(pay()))
lab.run()
