"""The engine of many machines: the workers of a Dask scheduler."""

from __future__ import annotations

import logging
import platform
import re
import time
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archprof.problem import Mark, ProblemError
from archprof.record import NOTHING, Record
from archprof.sweeping.engines.engine import AGAIN, Job, Note, RowRange, S, given_up, kept
from archprof.sweeping.engines.environments import differences, here, same_environment

if TYPE_CHECKING:
    from distributed import Client, Future

APPEARS = 60.0  # seconds after which a file that another machine wrote is seen by this one
ADDRESS = re.compile(r"(tcp|tls|ws|wss)://[\w.\-:\[\]%]+:\d{1,5}")
WHERE = "the address that `dask scheduler` prints, such as tcp://10.0.0.1:8786"
TLS = "set `distributed.comm.tls` in it, as for the scheduler and its workers"
LOGGERS = ("distributed", "distributed.client", "tornado.application")
"""Whose reports of what is lost, or interrupted, the user gets as a Problem instead."""


class Dask(Record):
    """The workers of a scheduler, such as tcp://10.0.0.1:8786.

    `resources` is what a worker has to have for a shard, such as {"GPU": 1}. A shard of a worker
    that is lost is made again by Dask. The scheduler keeps nothing that a later run would need.
    """

    address: str
    resources: Mapping[str, float] = NOTHING

    def made(self, job: Job[S], shards: Sequence[S], note: Note) -> Generator[S, None, None]:
        _require()
        with _quiet(), _connected(self.address) as client:
            self._compare(client, note)
            names: set[str] = set()  # of machines whose parts are seen here
            for shard, name in self._results(client, job, shards):
                if name not in names:
                    _seen(job, shard, name)
                    names.add(name)
                yield shard

    def _compare(self, client: Client, note: Note) -> None:
        """Raise ProblemError where a machine has other versions; those that come later compare
        themselves.
        """
        found = client.get_versions(packages=list(here()))
        places = {f"the worker {name}": one for name, one in found["workers"].items()}
        if not places:
            note(f"no worker has joined {self.address} yet")
        places["the scheduler"] = found["scheduler"]
        packages = {place: one["packages"] for place, one in places.items()}
        problems = differences(self.address, here(), packages)
        if problems:
            raise ProblemError(problems)

    def _results(self, client: Client, job: Job[S], shards: Sequence[S]) -> Iterator[tuple[S, str]]:
        """Yield each shard when it is made, and the name of the machine that made it."""
        from distributed import as_completed

        futures: list[Future[str]] = client.map(
            _make,
            shards,
            job=job,
            expected=here(),
            pure=False,
            resources=dict(self.resources) or None,
        )
        by_key = {future.key: shard for future, shard in zip(futures, shards, strict=True)}
        for future in as_completed(futures, loop=client.loop):
            shard = by_key[future.key]
            yield shard, self._result(future, shard)

    def _result(self, future: Future[str], shard: RowRange) -> str:
        """Return the name of the machine that made a shard. Raises ProblemError."""
        from distributed import KilledWorker

        try:
            name: str = future.result()
            return name
        except KilledWorker as error:
            why = (
                f"{error.allowed_failures + 1} workers ended while they had it, the last was"
                f" {error.last_worker.address}"
            )
            hint = f"more memory for each worker, or less to do for each at a time; {AGAIN}"
            raise given_up(self.address, shard, why, hint) from None
        except ModuleNotFoundError as error:  # in a worker that joined later
            if not (error.name or "").startswith("archprof"):
                raise
            raise self._not_understood(error) from None
        except RuntimeError as error:
            # of the scheduler, which takes the work apart before it hands it out
            if isinstance(error.__cause__, (ImportError, AttributeError)):
                raise self._not_understood(error.__cause__) from None
            raise

    def _not_understood(self, error: Exception) -> ProblemError:
        message = f"a machine there does not understand the work: {error}"
        return ProblemError.of(Mark(self.address), "engine", message, same_environment())


def _make(shard: S, job: Job[S], expected: Mapping[str, str]) -> str:
    """Make a shard in a worker, and return the name of its machine."""
    name = platform.node()
    problems = differences(name, expected, {f"the worker on {name}": here()})
    if problems:
        raise ProblemError(problems)
    kept(job).make(shard)
    return name


def _seen(job: Job[S], shard: S, name: str) -> None:
    """Raise ProblemError where the part of a shard, made by the machine `name`, is not here."""
    end = time.monotonic() + APPEARS
    while shard in job.missing():
        if time.monotonic() > end:
            why = f"{name} wrote its part, and it does not appear in the folder here"
            hint = "workers write into the folder themselves: put it on a disk that all share"
            raise given_up("--dask", shard, why, hint)
        time.sleep(APPEARS / 60)


def _require() -> None:
    """Raise ProblemError where Dask is not there; its import sets up what it logs."""
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        message = f"the package distributed cannot be imported: {error}"
        hint = "pip install 'archprof[dask]'"
        raise ProblemError.of(Mark("--dask"), "import", message, hint) from None


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """Yield a client of a scheduler. Raises ProblemError where there is none, or none any more."""
    from distributed import CancelledError, Client
    from distributed.comm import CommClosedError

    _check(address)
    try:
        client = Client(address, set_as_default=False, name="archprof")
    except OSError as error:
        message = f"no scheduler answers: {error}"
        raise ProblemError.of(Mark(address), "engine", message, WHERE) from None
    try:
        yield client
    except (CancelledError, CommClosedError):
        message = "the scheduler is lost, or has dropped this work"
        raise ProblemError.of(Mark(address), "engine", message, AGAIN) from None
    finally:
        client.close()  # by which the scheduler drops what has not begun


def _check(address: str) -> None:
    """Raise ProblemError for an address that Dask would refuse, by its form or its configuration.

    A client that is refused so prints a traceback when it is deleted.
    """
    from distributed.security import Security

    if not ADDRESS.fullmatch(address):
        message = "it is not the address of a scheduler, expected PROTOCOL://HOST:PORT"
        raise ProblemError.of(Mark(address), "option", message, WHERE)
    try:
        settings = Security().get_connection_args("client")
    except (OSError, ValueError) as error:
        message = f"the certificates that Dask's configuration names cannot be read: {error}"
        raise ProblemError.of(Mark(address), "option", message, TLS) from None
    encrypted = address.startswith(("tls:", "wss:"))
    if encrypted and settings["ssl_context"] is None:
        message = "TLS needs certificates, and Dask's configuration names none"
        raise ProblemError.of(Mark(address), "option", message, TLS)
    if settings["require_encryption"] and not encrypted:
        message = "Dask's configuration requires encryption, which this protocol has not"
        raise ProblemError.of(Mark(address), "option", message, "tls://HOST:PORT")


@contextmanager
def _quiet() -> Iterator[None]:
    """Print none of Dask's own reports of what is lost, nor its comparison of versions."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)
