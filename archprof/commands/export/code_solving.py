"""What a class is given, so that one class stands for modules that differ in numbers."""

from __future__ import annotations

from archprof.commands.export.code_channels import name_channels
from archprof.commands.export.code_expressions import MISSING
from archprof.commands.export.code_names import variable
from archprof.commands.export.code_parameters import (
    AgreeingLiterals,
    ConstructorArgument,
    Row,
    Solution,
    differing,
)
from archprof.commands.export.code_templates import Shared


def solve(group: Shared, reserved: frozenset[str]) -> Solution:
    """Return the constructor's arguments for modules that share a class."""
    solution = Solution(reserved)
    columns = differing(group)
    channels = [column for column in columns if column.family == "channels"]
    name_channels(channels, group.base.joins(), solution)
    others = [column for column in columns if column.family != "channels"]
    for column in sorted(others, key=lambda c: c.family == "padding"):
        _name_other(column, others, solution)
    for name, present in group.optional().items():
        _flag(name, present, solution)
    solution.parameters.sort(key=lambda p: p.default is not MISSING)
    return solution


def _name_other(
    column: AgreeingLiterals, columns: list[AgreeingLiterals], solution: Solution
) -> None:
    slot, role = column.slots[0]
    if role == "padding":
        for parameter in solution.parameters:
            if parameter.role == "kernel_size" and _is_half(column.values, parameter.values):
                solution.write(column, f"{parameter.name} // 2")
                return
    alone = sum(other.family == column.family for other in columns) == 1
    name = variable(role if alone and role else f"{slot.layer}_{role or 'value'}")
    solution.take(column, solution.free(name), role)


def _is_half(values: Row, kernels: Row) -> bool:
    return all(
        type(value) is int and type(kernel) is int and value == kernel // 2
        for value, kernel in zip(values, kernels, strict=True)
    )


def _flag(name: str, present: tuple[bool, ...], solution: Solution) -> None:
    for parameter in solution.parameters:
        if parameter.role == "flag" and parameter.values == present:
            solution.flags[name] = parameter.name
            return
    flag = solution.free(variable(name))
    solution.parameters.append(ConstructorArgument(flag, "flag", present, False))
    solution.flags[name] = flag
