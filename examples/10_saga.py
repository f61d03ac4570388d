"""Saga: a trip needs a flight and a room; if there is no room, the flight is given back."""

from eventlab import Command, Event, Lab, Saga, advance

STEPS = {"trip.asked": "flight.book", "flight.booked": "room.book", "room.refused": "flight.cancel"}


def react(seen, event):
    return Command(STEPS[event.type], {"trip": event.subject}, event.subject) if event.type in STEPS else None


trip = Saga((), react, lambda seen, event: (*seen, event.type))
lab = Lab(seed=1)
agency, flights, hotel = lab.service("agency"), lab.service("flights"), lab.service("hotel")
WHO = {"flight.book": "flights", "flight.cancel": "flights", "room.book": "hotel"}


@agency.on("trip.* flight.* room.*", durable="agency")
def carry_on(event):
    seen, commands = advance(trip, agency.state.get(event.subject, ()), event)
    agency.state[event.subject] = seen
    for command in commands:
        agency.tell(WHO[command.type], command)


flights.answers("flight.book", lambda command: Event("flight.booked", subject=command.subject))
flights.answers("flight.cancel", lambda command: Event("flight.cancelled", subject=command.subject))
hotel.answers("room.book", lambda c: Event("room.refused" if c.subject == "Ada" else "room.booked", subject=c.subject))
for traveller in ("Ada", "Grace"):
    agency.publish(Event("trip.asked", subject=traveller))
lab.run()
for traveller, seen in agency.state.items():
    print(f"{traveller}: {' → '.join(seen)}")
