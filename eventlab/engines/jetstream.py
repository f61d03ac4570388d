"""What the bus needs of JetStream: streams and consumers, made as wanted, and calls that are made until answered.

A call that finds no leader is made again: a change of leaders costs time and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from eventlab.engines.errors import EngineUnavailable
from eventlab.errors import Invalid

PATIENCE = 30.0  # seconds for a leader to be found
LEASE = 3.0  # seconds after which JetStream gives up a consumer's process that shows no sign of life
PREFETCHED = 10_000  # events that a consumer may hold without having answered
UNSETTLED = (10074, 10005, 10158)  # its codes for nodes that have not met yet, or take one another for gone, and for
# an event that a leader has in hand: one that was cut off says so, and has in the end not kept it
FULL = (10077, 10023, 10122, 10047)  # JetStream's codes for "no more room"
SHAPE = ("subjects", "num_replicas", "storage", "discard", "max_msgs")  # what must not differ in a stream that exists


async def again(call: Callable[[], Awaitable[Any]], patience: float = PATIENCE) -> Any:
    """What the call gives, made again while no leader is there; `EngineUnavailable` when patience ends."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while True:
        try:
            return await call()
        except (TimeoutError, NatsError) as error:
            if isinstance(error, APIError) and not _may_pass(error):
                raise
            if loop.time() > end or isinstance(error, MaxPayloadError):
                reason = f"no answer in {patience:g} s ({type(error).__name__} {error})".replace(" )", ")")
                raise EngineUnavailable("JetStream", reason, "are a majority of its nodes up?") from error
        await asyncio.sleep(0.1)


def _may_pass(error: APIError) -> bool:
    """Whether a refusal is one that another try may not meet. A full store is none: whoever publishes decides."""
    away = isinstance(error, ServiceUnavailableError)  # 503, or no code at all where nobody was there to answer
    return error.err_code not in FULL and (away or error.err_code in UNSETTLED)


async def make_stream(js: JetStreamContext, wanted: StreamConfig) -> None:
    """A stream as wanted: made if there is none; `Invalid` if there is one with other settings, which is left alone."""
    try:
        found = (await again(lambda: js.stream_info(str(wanted.name)))).config
    except NotFoundError:
        await again(lambda: js.add_stream(wanted))
        return
    for name in SHAPE:
        if getattr(found, name) != getattr(wanted, name):
            expected = f"{name} {getattr(found, name)!r}, as it is there; or another name for the bus"
            raise Invalid(f"stream {wanted.name!r}", where="JetStream", expected=expected, found=getattr(wanted, name))


def events_stream(name: str, replicas: int, limit: int) -> StreamConfig:
    """The log of a bus: nothing is deleted, and a full one refuses rather than forget the oldest."""
    return StreamConfig(
        name=name, subjects=[f"{name}.e.>"], num_replicas=replicas, storage=StorageType.FILE,
        discard=DiscardPolicy.NEW, max_msgs=limit or -1, deny_delete=True, deny_purge=True,
    )  # fmt: skip


def kept_stream(name: str, replicas: int) -> StreamConfig:
    """The dead letters of a bus, of which one that is redriven is deleted, and who has which subscription."""
    return StreamConfig(
        name=f"{name}-kept", subjects=[f"{name}.d.>", f"{name}.c.>"], num_replicas=replicas, storage=StorageType.FILE,
        discard=DiscardPolicy.NEW, max_msgs=-1,
    )  # fmt: skip


def consumer(name: str, subjects: list[str], start: int) -> ConsumerConfig:
    """A consumer that tries for ever: how often is the bus's affair, and so are dead letters."""
    return ConsumerConfig(
        name=name, durable_name=name, deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=start,
        ack_policy=AckPolicy.EXPLICIT, ack_wait=LEASE, max_deliver=-1, filter_subjects=subjects,
        max_ack_pending=PREFETCHED,
    )  # fmt: skip


async def remove_consumer(js: JetStreamContext, stream: str, name: str) -> None:
    """Remove a consumer; harmless if it is gone."""
    with suppress(NotFoundError):
        await again(lambda: js.delete_consumer(stream, name))
