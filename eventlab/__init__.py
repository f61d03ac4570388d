"""eventlab: one storm, five architectures. The names of the laboratory, in reading order."""

from eventlab.errors import (
    CorruptStore,
    EventIdConflict,
    EventlabError,
    ForeignAwait,
    Invalid,
    NoReply,
    OutsideSimulation,
    Refused,
    StoreUnavailable,
    Unavailable,
    WrongExpectedVersion,
)
from eventlab.event import Command, Event
from eventlab.trace import Record, Trace
from eventlab.decider import Decider, given
from eventlab.upcast import Upcasters
from eventlab.sim import SECOND, Sim
from eventlab.store import ANY, NO_STREAM, STREAM_EXISTS, Recorded, Store
from eventlab.saga import Saga
from eventlab.aggregate import Aggregate
from eventlab.projection import Projection
from eventlab.network import Delay, Network, LinkQuality
from eventlab.bus import Bus
from eventlab.service import Service
from eventlab.outbox import Inbox, Outbox
from eventlab.faults import Crash, CrashBefore, Flaky, Partition, Slow
from eventlab.resilience import Breaker, Bulkhead, retry

__version__ = "0.2.0"  # the one place: pyproject.toml reads it here
