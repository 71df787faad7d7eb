"""A CUDA device that exists on paper: work is queued, time passes only when it is executed, and
an event unread by the device has no time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

Seconds = float | Callable[[], float]


class Stream:
    """A name for a queue; all work here is done in the order it is issued."""

    def __init__(self, cuda: FakeCuda, name: str) -> None:
        self.cuda, self.name = cuda, name

    def wait_stream(self, other: Stream) -> None:
        self.cuda.log.append(f"{self.name} waits for {other.name}")


class Event:
    """A mark in the queue; reading its time before the device has reached it raises, as CUDA's
    does.
    """

    def __init__(self, cuda: FakeCuda, enable_timing: bool = False) -> None:
        self.cuda, self.enable_timing = cuda, enable_timing
        self.reached: float | None = None

    def record(self, stream: Stream | None = None) -> None:
        self.cuda.queue.append(self)

    def elapsed_time(self, end: Event) -> float:
        """Milliseconds, as torch gives them."""
        if not (self.enable_timing and end.enable_timing):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        if self.reached is None or end.reached is None:
            raise RuntimeError("CUDA error: device not ready")
        return 1e3 * (end.reached - self.reached)


class CUDAGraph:
    """Kernels recorded instead of queued; a replay queues them all."""

    def __init__(self, cuda: FakeCuda) -> None:
        self.cuda = cuda
        self.work: list[Seconds] = []
        self.pool: object = None

    def replay(self) -> None:
        self.cuda.queue.extend(self.work)


class FakeCuda:
    """What is asked of torch.cuda.

    `launch(seconds)` is a kernel; a `seconds` that is called is asked when the kernel runs.

    `launch_gap`: what the device waits for each launch that is no replay's. `set_up`: kernels that
    were launched before; the first launch of a `kernel` sets something up, which must not happen
    under capture.
    """

    def __init__(self, launch_gap: float = 0.0) -> None:
        self.now, self.launch_gap = 0.0, launch_gap
        self.queue: deque[Event | Seconds] = deque()
        self.synchronisations = 0
        self.longest = 0  # queued at once
        self.log: list[str] = []
        self.stream_now = Stream(self, "default")
        self.capturing: CUDAGraph | None = None
        self.set_up: set[int] = set()
        self.held = self.most = 0  # bytes

    # --- time ---

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
            work = self.queue.popleft()
            if isinstance(work, Event):
                work.reached = self.now
            else:
                self.now += work() if callable(work) else work

    def launch(self, seconds: Seconds) -> None:
        if self.capturing:
            self.capturing.work.append(seconds)
        else:
            if self.launch_gap:
                self.queue.append(self.launch_gap)
            self.queue.append(seconds)

    def kernel(self, seconds: float | Iterable[float]) -> Callable[[], None]:
        """A run that launches one kernel, of the same time always or of one after the other."""
        times = seconds if isinstance(seconds, int | float) else iter(seconds)

        def run() -> None:
            if id(run) not in self.set_up:
                if self.capturing:
                    raise RuntimeError(
                        "CUDA error: operation not permitted when stream is capturing"
                    )
                self.set_up.add(id(run))
                self.log.append(f"set up on {self.stream_now.name}")
            self.launch(times if isinstance(times, int | float) else next(times))

        return run

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

    def CUDAGraph(self) -> CUDAGraph:
        return CUDAGraph(self)

    def graph_pool_handle(self) -> object:
        return (0, 1)

    @contextmanager
    def graph(self, graph: CUDAGraph, pool: object = None) -> Iterator[None]:
        self.capturing, graph.pool = graph, pool
        try:
            yield
        finally:
            self.capturing = None

    # --- devices and memory ---

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
        return SimpleNamespace(L2_cache_size=4 * 2**20)

    def allocate(self, size: int) -> None:
        self.held += size
        self.most = max(self.most, self.held)

    def memory_allocated(self, device: Any = None) -> int:
        return self.held

    def max_memory_allocated(self, device: Any = None) -> int:
        return self.most

    def memory_reserved(self, device: Any = None) -> int:
        return -(-self.held // 2**21) * 2**21  # in blocks of 2 MiB

    def max_memory_reserved(self, device: Any = None) -> int:
        return -(-self.most // 2**21) * 2**21

    def reset_peak_memory_stats(self, device: Any = None) -> None:
        self.most = self.held

    def empty_cache(self) -> None:
        self.log.append("emptied")
