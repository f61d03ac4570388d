"""Publish: a shop says what happened; who listens is not its business."""

from eventlab import Event, Lab

lab = Lab(seed=1)
shop, mail, stock = lab.service("shop"), lab.service("mail"), lab.service("stock")


@mail.on("order.placed", durable="mail")
def thank(event):
    print(f"mail: thank you, {event.data['customer']}")


@stock.on("order.*", durable="stock")
def count(event):
    stock.state["sold"] = stock.state.get("sold", 0) + event.data["pieces"]


shop.publish(Event("order.placed", {"customer": "Ada", "pieces": 2}))
shop.publish(Event("order.placed", {"customer": "Grace", "pieces": 1}))
lab.run()
print("stock:", stock.state)
print("the bus keeps:", [event.id for event in lab.bus.log])
