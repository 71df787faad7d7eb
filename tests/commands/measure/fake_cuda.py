"""A CUDA device that exists on paper, with a host that takes time to launch.

Work is queued, and executed only in `synchronize`; an event that the device has not reached has no
time; what copies from the host under capture fails, and spoils the process as torch's does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple

Seconds = float | Callable[[], float]
CYCLES_PER_SECOND = 1e9
BLOCK = 2 * 2**20  # bytes that the allocator takes from the device at a time
GRAIN = 512  # bytes to which it rounds a request
STUCK = "captures_underway.empty() INTERNAL ASSERT FAILED at CUDACachingAllocator.cpp"


class Stream:
    """A name for a queue; all work here is done in the order it is issued."""

    def __init__(self, cuda: FakeCuda, name: str) -> None:
        self.cuda, self.name = cuda, name

    def wait_stream(self, other: Stream) -> None:
        self.cuda.log.append(f"{self.name} waits for {other.name}")


class Event:
    """A mark in the queue; reading its time before the device has reached it raises, as torch's
    does.
    """

    def __init__(self, cuda: FakeCuda, enable_timing: bool = False) -> None:
        self.cuda, self.enable_timing = cuda, enable_timing
        self.reached: float | None = None

    def record(self, stream: Stream | None = None) -> None:
        self.cuda.host += self.cuda.record_seconds
        self.cuda.queue.append(_Queued(self, self.cuda.host))

    def query(self) -> bool:
        """Whether the device is past it by the host's time; only work of fixed times is before."""
        now = self.cuda.now
        for work, issued in self.cuda.queue:
            now = max(now, issued)
            if work is self:
                return now + self.cuda.event_seconds <= self.cuda.host
            if isinstance(work, Event):
                now += self.cuda.event_seconds
            else:
                assert not callable(work), "its time is not known before it runs"
                now += work
        return self.reached is not None

    def elapsed_time(self, end: Event) -> float:
        """Milliseconds, as torch gives them."""
        if not (self.enable_timing and end.enable_timing):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        if self.reached is None or end.reached is None:
            raise RuntimeError(
                "device not ready: both events must be completed before calculating elapsed time."
            )
        return 1e3 * (end.reached - self.reached)


class _Queued(NamedTuple):
    """Work of the device, and the host's time when it was issued."""

    work: Event | Seconds
    issued: float


class CUDAGraph:
    """Kernels recorded instead of queued; a replay queues them all with one launch."""

    def __init__(self, cuda: FakeCuda) -> None:
        self.cuda = cuda
        self.work: list[Seconds] = []
        self.pool: object = None

    def replay(self) -> None:
        cuda = self.cuda
        cuda.host += cuda.launch_seconds
        cuda.queue.extend(_Queued(seconds, cuda.host) for seconds in self.work)


class FakeCuda:
    """What is asked of torch.cuda.

    `launch(seconds)` is a kernel; a `seconds` that is called is asked when the kernel runs.

    `now` is the device's time, `host` the host's. `launch_gap`: what the device waits for each
    launch that is not a replay's. `launch_seconds`, `record_seconds`, `wait_seconds`: what the host
    takes to launch a kernel, to record an event and to synchronise; `event_seconds`: what an event
    takes of the device. `set_up`: kernels that were launched before; the first launch of a `kernel`
    sets something up, which must not happen under capture. `held` are bytes in use, `reserved` what
    the allocator took from the device, `total` what the device has.
    """

    def __init__(
        self,
        launch_gap: float = 0.0,
        *,
        launch_seconds: float = 0.0,
        record_seconds: float = 0.0,
        wait_seconds: float = 0.0,
        event_seconds: float = 0.0,
        total: int = 2**40,
    ) -> None:
        self.now = self.host = 0.0
        self.launch_gap = launch_gap
        self.launch_seconds, self.record_seconds = launch_seconds, record_seconds
        self.wait_seconds, self.event_seconds = wait_seconds, event_seconds
        self.queue: deque[_Queued] = deque()
        self.synchronisations = 0
        self.longest = 0  # queued at once
        self.log: list[str] = []
        self.stream_now = Stream(self, "default")
        self.capturing: CUDAGraph | None = None
        self.stuck = False
        self.set_up: set[int] = set()
        self.total = total
        self.held = self.most = self.reserved = self.most_reserved = 0  # bytes
        self.requested = self.most_requested = 0  # bytes, before rounding
        self.ooms = 0

    # --- time ---

    def perf_counter(self) -> float:
        """The host's time."""
        return self.host

    def Event(self, enable_timing: bool = False) -> Event:
        return Event(self, enable_timing)

    def current_stream(self, device: Any = None) -> Stream:
        return self.stream_now

    def synchronize(self, device: Any = None) -> None:
        if self.capturing:
            raise RuntimeError("CUDA error: operation not permitted when stream is capturing")
        self.synchronisations += 1
        self.longest = max(self.longest, len(self.queue))
        while self.queue:
            work, issued = self.queue.popleft()
            self.now = max(self.now, issued)
            if isinstance(work, Event):
                self.now += self.event_seconds
                work.reached = self.now
            else:
                self.now += work() if callable(work) else work
        self.host = max(self.host, self.now) + self.wait_seconds

    def launch(self, seconds: Seconds) -> None:
        if self.capturing:
            self.capturing.work.append(seconds)
            return
        self.host += self.launch_seconds
        if self.launch_gap:
            self.queue.append(_Queued(self.launch_gap, self.host))
        self.queue.append(_Queued(seconds, self.host))

    def _sleep(self, cycles: int) -> None:
        self.queue.append(_Queued(cycles / CYCLES_PER_SECOND, self.host))

    def kernel(self, seconds: float | Iterable[float]) -> Callable[[], None]:
        """A run that launches one kernel, of the same time always or of one after the other."""
        times = seconds if isinstance(seconds, int | float) else iter(seconds)

        def run() -> None:
            if id(run) not in self.set_up:
                self.host_copy()
                self.set_up.add(id(run))
                self.log.append(f"set up on {self.stream_now.name}")
            self.launch(times if isinstance(times, int | float) else next(times))

        return run

    def host_copy(self) -> None:
        """Copy from memory that is not pinned: it waits for the device; capture forbids it."""
        if self.capturing:
            raise RuntimeError("CUDA error: operation not permitted when stream is capturing")

    # --- streams and graphs ---

    def Stream(self, device: Any = None) -> Stream:
        return Stream(self, "side")

    @contextmanager
    def stream(self, stream: Stream) -> Iterator[None]:
        before, self.stream_now = self.stream_now, stream
        try:
            yield
        finally:
            self.stream_now = before

    def set_stream(self, stream: Stream) -> None:
        self.stream_now = stream

    def CUDAGraph(self) -> CUDAGraph:
        return CUDAGraph(self)

    def graph_pool_handle(self) -> object:
        return (0, 1)

    @contextmanager
    def graph(
        self, graph: CUDAGraph, pool: object = None, stream: Stream | None = None
    ) -> Iterator[None]:
        """Capture; after a failure the capture's stream stays current and the allocator believes
        that the capture still runs, as in torch.
        """
        before, self.stream_now = self.stream_now, stream or Stream(self, "capture")
        self.capturing, graph.pool = graph, pool
        try:
            yield
        except RuntimeError as error:
            self.stuck = True
            raise RuntimeError(
                "CUDA error: operation failed due to a previous error during capture"
            ) from error
        finally:
            self.capturing = None
        self.stream_now = before

    # --- devices ---

    def is_available(self) -> bool:
        return True

    def device_count(self) -> int:
        return 2

    @contextmanager
    def device(self, device: Any) -> Iterator[None]:
        self.log.append(f"on {device}")
        yield

    def get_device_capability(self, device: Any = None) -> tuple[int, int]:
        return (7, 5)

    def get_device_name(self, device: Any = None) -> str:
        return "Paper T4"

    def get_device_properties(self, device: Any = None) -> SimpleNamespace:
        return SimpleNamespace(
            name="Paper T4",
            uuid="0",
            L2_cache_size=4 * 2**20,
            total_memory=self.total,
            clock_rate=CYCLES_PER_SECOND / 1e3,
        )

    # --- memory ---

    def allocate(self, size: int) -> None:
        """Take so many bytes, in whole grains; the device's blocks are kept until `empty_cache`."""
        self.requested += size
        self.most_requested = max(self.most_requested, self.requested)
        self.held += -(-size // GRAIN) * GRAIN
        self.most = max(self.most, self.held)
        self.reserved = max(self.reserved, _blocks(self.held))
        self.most_reserved = max(self.most_reserved, self.reserved)

    def free(self, size: int) -> None:
        """Give back so many bytes."""
        self.requested -= size
        self.held -= -(-size // GRAIN) * GRAIN

    def memory_allocated(self, device: Any = None) -> int:
        return self.held

    def max_memory_allocated(self, device: Any = None) -> int:
        return self.most

    def memory_reserved(self, device: Any = None) -> int:
        return self.reserved

    def max_memory_reserved(self, device: Any = None) -> int:
        return self.most_reserved

    def memory_stats(self, device: Any = None) -> dict[str, int]:
        return {
            "allocated_bytes.all.current": self.held,
            "allocated_bytes.all.peak": self.most,
            "requested_bytes.all.current": self.requested,
            "requested_bytes.all.peak": self.most_requested,
            "num_ooms": self.ooms,
        }

    def mem_get_info(self, device: Any = None) -> tuple[int, int]:
        return self.total - self.reserved, self.total

    def reset_peak_memory_stats(self, device: Any = None) -> None:
        self.most, self.most_requested = self.held, self.requested
        self.most_reserved = self.reserved

    def empty_cache(self) -> None:
        if self.stuck:
            raise RuntimeError(STUCK)
        self.log.append("emptied")
        self.reserved = _blocks(self.held)


def _blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
