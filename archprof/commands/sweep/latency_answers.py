"""What `archprof latency` answers: data as the JSON has it, and a table."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archprof.commands.measure.planning.measurement_plan import require_torch
from archprof.commands.sweep.answers import evenly
from archprof.commands.sweep.device_options import DeviceOptions
from archprof.commands.sweep.latency_file import model_data, read_model, write_model
from archprof.commands.sweep.latency_tables import measured_table, model_table, predicted_table
from archprof.ops.base import shown
from archprof.problem import Mark, ProblemError
from archprof.record import Record
from archprof.show.table import Table
from archprof.show.terminal import write_whole
from archprof.sweeping.answering.asking import rows_of_front
from archprof.sweeping.latency.model import LatencyModel
from archprof.sweeping.latency.predicting import PredictedVariant, predicted_variants
from archprof.sweeping.single import SingleVariant, drawn_variants, stored_variants
from archprof.sweeping.space.space import Space
from archprof.sweeping.storing.folder import open_folder
from archprof.sweeping.sweep import Sweep
from archprof.units import inert, printable

Data = dict[str, Any]


class ChosenVariants(Record):
    """Of which variants: those of the front of a sweep that lies in a folder, or random ones."""

    space: Space
    folder: Path | None
    front: str
    where: tuple[str, ...]
    seed: int

    def taken(self, count: int) -> list[SingleVariant]:
        """Return at most so many variants: evenly along the front, or drawn by seed.

        Raises ProblemError where no sweep of the space lies in the folder.
        """
        if self.folder is None:
            return drawn_variants(self.space, min(count, self.space.count), self.seed)
        sweep = stored_sweep(self.space, self.folder)
        for text in self.where:
            sweep = sweep.where(text)
        wanted = sweep.wanted(self.front or sweep.stored.identity.front, "--front")
        rows = rows_of_front(sweep.stored, wanted, sweep.asked())
        if not len(rows):
            message = "no variant meets all conditions"
            raise ProblemError.of(Mark("--where"), "option", message, "ask for less")
        return list(stored_variants(sweep, evenly(rows, count).tolist()))


def stored_sweep(space: Space, folder: Path) -> Sweep:
    """Return the sweep of a space that lies in a folder. Raises ProblemError for another one."""
    stored = open_folder(folder)
    if stored is None:
        message = "no part of a sweep lies in this folder"
        raise ProblemError.of(Mark(str(folder)), "file", message, "archprof sweep SPACE -o DIR")
    own = space.replaced(sample=stored.identity.sample)
    if own.hash != stored.identity.digest:
        message = f"what lies there is a sweep of {stored.identity.name}, and not of this space"
        hint = f"name the space that it was made of, unchanged, in place of {space.file}"
        raise ProblemError.of(Mark(str(folder)), "file", message, hint)
    return Sweep(stored, own)


def measured(
    chosen: ChosenVariants, count: int, options: DeviceOptions, output: Path | None
) -> tuple[Data, Table, bool]:
    """Return measured variants, and whether all were; `output` keeps them as they come."""
    require_torch("latency")
    from archprof.commands.sweep.measured_variants import measure_variants

    def keep(data: Data) -> None:
        if output is not None:
            write_whole(output, json.dumps(data, indent=1) + "\n")

    data = measure_variants(chosen.space, chosen.taken(count), options, keep)
    return data, measured_table(data), data["run"]["complete"]


def fit_model(
    chosen: ChosenVariants, count: int, options: DeviceOptions, output: Path
) -> tuple[Data, Table]:
    """Return a latency model that was measured, and written to a file."""
    require_torch("latency")
    from archprof.commands.sweep.latency_fit import fit_latency

    model = fit_latency(chosen.space, count, options, chosen.seed)
    write_model(output, model)
    print(printable(inert(f"archprof: the model is kept in {output}")), file=sys.stderr)
    return model_data(model), model_table(model)


def predicted(
    chosen: ChosenVariants, count: int, path: Path, device: str | None
) -> tuple[Data, Table]:
    """Return what a model in a file predicts. Raises ProblemError where it is for another space,
    device, dtype or batch.
    """
    model = read_model(path)
    if model.space != chosen.space.name:
        message = f"the model is of the space {shown(model.space)}, and its error of its variants"
        hint = f"make one: archprof latency {chosen.space.name} --fit 40 -o model.json"
        raise ProblemError.of(Mark(str(path)), "latency-model", message, hint)
    if device is not None:
        model.refuse_other(device_type=device.partition(":")[0])
    variants = chosen.taken(count)
    found = list(predicted_variants(model, chosen.space.conditions, variants))
    title = f"{chosen.space.name}, latencies predicted and not measured"
    return predicted_data(model, found), predicted_table(model, found, title)


def predicted_data(model: LatencyModel, found: list[PredictedVariant]) -> Data:
    """Return predictions as the JSON has them, with the model's error."""
    return {
        "space": model.space,
        "conditions": {name: getattr(model.conditions, name) for name in model.conditions._names},
        "error": {
            "median": model.error.median,
            "worst": model.error.worst,
            "held_back": model.error.count,
            "rank_correlation": model.rank_correlation,
            "covered": model.margin.covered,
        },
        "variants": list(_variants(found)),
    }


def _variants(found: list[PredictedVariant]) -> Iterator[Data]:
    for one in found:
        prediction = one.prediction
        yield {
            "row": one.variant.row,
            "parameters": dict(one.variant.values),
            "predicted_latency_ms": prediction.latency_ms if prediction else None,
            "predicted_low_ms": prediction.low_ms if prediction else None,
            "predicted_high_ms": prediction.high_ms if prediction else None,
            "looked_up": prediction.looked_up if prediction else None,
        }
