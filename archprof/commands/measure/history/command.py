"""`archprof history`: the runs that `bench --keep` kept, over time."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

from archprof.cli.declared import Argument, Option
from archprof.cli.options import Format, FormatOption, Output, complete_network
from archprof.commands.measure.measurement_options import KeepIn

_SPAN = re.compile(r"(\d{1,4})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def history(
    net: Annotated[
        str | None,
        Argument(
            help="A network that was kept: its name, or its spec's path.",
            autocompletion=complete_network,
            show_default="all of them",
        ),
    ] = None,
    device: Annotated[
        str | None,
        Option(
            metavar="NAME", help="A part of the device's name, or cpu or cuda.", show_default="all"
        ),
    ] = None,
    since: Annotated[
        str | None,
        Option(metavar="SPAN", help="30d, 4w, 12h, or a date as 2026-10-01.", show_default="all"),
    ] = None,
    keep_in: KeepIn = None,
    format: FormatOption = Format.table,
    output: Output = None,
) -> int:
    """Did it get slower since last month? Kept runs over time, with the verdict on the newest.

    `archprof bench NET --keep` keeps them. Runs under identical conditions on one device stand
    together, the newest last; each is compared with the earliest.

    Example: archprof history resnet50 --since 30d
    """
    from archprof.commands.measure.history.data import history_data
    from archprof.commands.measure.history.store import default_place, read
    from archprof.commands.measure.history.tables import history_tables
    from archprof.show import terminal
    from archprof.show.table import put
    from archprof.units import number_of, printable

    if keep_in is not None and not keep_in.exists():
        from archprof.cli.ranges import refused

        hint = f"archprof bench NET --keep-in {keep_in}"
        raise refused("--keep-in", f"there is no file {keep_in}", hint)
    path = keep_in or default_place()
    kept = read(path, _network_name(net), since_date(since, datetime.now(UTC)))
    data = history_data(kept, device)
    if format is Format.json:
        import json

        terminal.emit(json.dumps(data, indent=1), output)
    elif data["groups"]:
        put(history_tables(data, format.value), format.value, output)
    sys.stdout.flush()
    if kept.passed_over:
        runs = number_of(kept.passed_over, "run")
        message = f"archprof: {runs} of {path} passed over: damaged, or of another version"
        print(printable(message), file=sys.stderr)
    if not data["groups"]:
        wanted = [f"{net}" if net else "", device and f"on {device}", since and f"since {since}"]
        about = " ".join(part for part in wanted if part)
        way = f"--keep-in {keep_in}" if keep_in else "--keep"
        message = f"archprof: nothing{about and f' of {about}'} is kept in {path}"
        message += f"; archprof bench NET {way} does"
        print(printable(message), file=sys.stderr)
    return 0


def _network_name(net: str | None) -> str | None:
    """Return the name under which a network is kept: of a path, the name in the spec."""
    if net is None or not net.partition(":")[0].endswith((".yaml", ".yml")):
        return net
    from archprof.language.find import find

    return find(net).name


def since_date(text: str | None, now: datetime) -> str:
    """Return the moment from which runs are wanted, as the file has it; "" for all.

    Raises ProblemError for what is neither a span nor a date.
    """
    from archprof.cli.ranges import refused
    from archprof.commands.measure.history.store import utc

    if text is None:
        return ""
    span = _SPAN.fullmatch(text)
    try:
        if span:
            return utc(now - timedelta(**{_UNITS[span[2]]: int(span[1])}))
        return utc(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        message = f"`{text[:60]}` is neither a span nor a date"
        raise refused("--since", message, "30d, 4w, 12h, or a date as 2026-10-01") from None
