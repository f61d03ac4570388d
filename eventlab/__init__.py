"""eventlab: one storm, five architectures. The names of the laboratory, in reading order."""

from eventlab.errors import (
    CorruptStore,
    EventIdConflict,
    EventlabError,
    ForeignAwait,
    InsideSimulation,
    Invalid,
    NoReply,
    OutsideSimulation,
    Refused,
    StoreUnavailable,
    Unavailable,
    WrongExpectedVersion,
    TornRun,
    WrongThread,
)
from eventlab.event import Command, Event, Message, Refusal, Reply
from eventlab.stage import Stage
from eventlab.trace import Record, Trace
from eventlab.times import SECOND, Instant
from eventlab.decider import Decider, given
from eventlab.upcast import Upcast, Upcasters
from eventlab.downcast import Downcast, Downcasters
from eventlab.contract import Breaking, breaking
from eventlab.registry import Registry
from eventlab.sim import Sim
from eventlab.store import ANY, NO_STREAM, STREAM_EXISTS, Recorded, Store
from eventlab.saga import Saga, advance
from eventlab.process import Process, Step, standing
from eventlab.aggregate import Aggregate
from eventlab.projection import Projection
from eventlab.network import Delay, LinkQuality, Network
from eventlab.quality import LinkQuality as Quality  # its name in version 0.1
from eventlab.subscription import DeadLetter, SubscriptionSettings
from eventlab.bus import Bus
from eventlab.client import Client
from eventlab.service import Service
from eventlab.outbox import Inbox, Outbox
from eventlab.faults import Crash, CrashBefore, Flaky, Partition, Slow, Workers, inject
from eventlab.resilience import Breaker, Bulkhead, RetryBudget, retry
from eventlab.participant import Participant, choreograph
from eventlab.proxy import Policy, Proxy
from eventlab.saga_runner import SagaRunner, orchestrate
from eventlab.lab import Lab

__version__ = "0.2.0"  # the one place: pyproject.toml reads it here

__all__ = [
    "ANY", "Aggregate", "Breaker", "Breaking", "Bulkhead", "Bus", "Client", "Command", "CorruptStore", "Crash",
    "CrashBefore", "DeadLetter", "Decider", "Delay", "Downcast", "Downcasters", "Event", "EventIdConflict",
    "EventlabError", "Flaky", "ForeignAwait", "Inbox", "InsideSimulation", "Instant", "Invalid", "Lab",
    "LinkQuality", "Message", "NO_STREAM", "Network", "NoReply", "Outbox", "OutsideSimulation", "Participant",
    "Partition", "Policy", "Process", "Projection", "Proxy", "Record", "Recorded", "Refusal", "Refused", "Registry",
    "Reply", "RetryBudget", "SECOND", "STREAM_EXISTS", "Saga", "SagaRunner", "Service", "Sim", "Slow", "Stage", "Step",
    "Store", "StoreUnavailable", "SubscriptionSettings", "TornRun", "Trace", "Unavailable", "Upcast", "Upcasters",
    "Workers", "WrongExpectedVersion", "WrongThread", "advance", "breaking", "choreograph", "given", "inject",
    "orchestrate", "retry", "standing",
]  # fmt: skip
