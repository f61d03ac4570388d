"""Real engines under the same services: NATS JetStream carries the events, PostgreSQL keeps them."""

from eventlab.engines.errors import EngineUnavailable as EngineUnavailable
from eventlab.engines.programs import available as available
from eventlab.engines.starting import Engines as Engines
from eventlab.engines.starting import local as local
