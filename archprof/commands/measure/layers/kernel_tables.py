"""Where a network's time goes, as a table by kernel: what the device really ran."""

from __future__ import annotations

from typing import Any, NamedTuple

from archprof import units
from archprof.commands.measure.judging.consistency import usable
from archprof.commands.measure.layers.tables import (
    held_notes,
    kernels_known,
    last_rows,
    layers_table,
    layers_title,
    share,
    unusable_table,
)
from archprof.show.table import Table, TableColumn

Data = dict[str, Any]

LONGEST = 72  # characters of a name, whose template arguments may be hundreds; the JSON has all
USES = {True: "yes", False: "no", None: "?"}
NOTES = [
    ("time", "that of all launches of the kernel in a pass, medians over the passes"),
    ("tensor", "whether the kernel uses tensor cores, by its name; ? where it does not tell"),
]


class _Kernel(NamedTuple):
    """A kernel in all layers that launch it."""

    name: str
    uses: bool | None
    launches: int
    milliseconds: float
    layers: int


def kernels_table(data: Data) -> Table:
    """Return `layers_data` by kernel, those that take most of the time first.

    Where the kernels are not known, the layers are shown in their place; its notes say why.
    """
    if not usable(data, "layers"):
        return unusable_table(data)
    if not kernels_known(data):
        return layers_table(data, "layer")
    columns = [
        TableColumn("Kernel", right=False),
        TableColumn("Launches", drop=2),
        TableColumn("Time", unit="ms"),
        TableColumn("Share", style="magenta", drop=1),
        TableColumn("Tensor", right=False),
        TableColumn("Layers", drop=3),
    ]
    body = [_cells(kernel, data["whole_ms"]) for kernel in _kernels(data)]
    sums = last_rows(data, len(columns))
    return Table(
        columns,
        [*body, *sums],
        layers_title(data, "kernel"),
        [*NOTES, *held_notes(data)],
        totals=len(sums),
    )


def _kernels(data: Data) -> list[_Kernel]:
    """Return the kernels of all layers by their time."""
    found: dict[str, _Kernel] = {}
    for layer in data["layers"]:
        for kernel in layer["kernels"]:
            name = kernel["name"]
            before = found.get(name, _Kernel(name, kernel["tensor_cores"], 0, 0.0, 0))
            found[name] = before._replace(
                launches=before.launches + kernel["launches"],
                milliseconds=before.milliseconds + kernel["time_us"] / 1e3,
                layers=before.layers + 1,
            )
    return sorted(found.values(), key=lambda kernel: -kernel.milliseconds)


def _cells(kernel: _Kernel, whole: float) -> list[str]:
    return [
        _short(kernel.name),
        str(kernel.launches),
        units.duration(kernel.milliseconds),
        share(kernel.milliseconds, whole),
        USES[kernel.uses],
        str(kernel.layers),
    ]


def _short(name: str) -> str:
    """Return the beginning of a name without its result, which is `void` of every kernel."""
    name = name.removeprefix("void ")
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
