"""Projection: a view that is computed from the store, thrown away without fear, and computed again."""

from eventlab import Event, Projection, Store


def evolve(sold, event):
    match event:
        case Event("order.placed", {"article": article, "pieces": pieces}):
            return {**sold, article: sold.get(article, 0) + pieces}
        case Event("order.returned", {"article": article, "pieces": pieces}):
            return {**sold, article: sold[article] - pieces}
    return sold


with Store() as store:
    store.append("order-1", [Event("order.placed", {"article": "book", "pieces": 2}, id="e1")])
    store.append("order-2", [Event("order.placed", {"article": "lamp", "pieces": 1}, id="e2")])
    sold = Projection("sold", evolve, {})
    sold.catch_up(store)
    print("so far:  ", sold.state, "position", sold.position)

    store.append("order-1", [Event("order.returned", {"article": "book", "pieces": 1}, id="e3")])
    print("new ones:", sold.catch_up(store))
    print("now:     ", sold.state, "position", sold.position)

    again = Projection("sold", evolve, {})
    again.catch_up(store)
    print("rebuilt, the same:", again.state == sold.state)
