"""The budgets of a network: its spec's own, those of blocks, and those of the configuration."""

from __future__ import annotations

from collections.abc import Iterator

from archprof.commands.check.base import Budget
from archprof.commands.check.config import Config, known
from archprof.language.budget_conditions import Stated
from archprof.language.document import Document, Template, stated_limits
from archprof.language.network import Network


def network_budgets(network: Network, document: Document, config: Config) -> Iterator[Budget]:
    """Yield the budgets that count for a network of a document."""
    yield from _own(network, document)
    yield from _of_blocks(document)
    itself = known(network)
    for table in config.budgets:
        if table.holds_for(itself):
            for name, value, mark in table.limits:
                given = f"the budget stands in {mark}"
                yield Budget(
                    name, value, network.mark, given, table.block, table.device, table.conditions
                )


def _own(network: Network, document: Document) -> Iterator[Budget]:
    """Yield the budgets that the spec states; a variant's replace those of the same name under the
    same conditions.
    """
    limits: dict[tuple[str, Stated], Template] = {}
    for about in (document.about, network.variant.about if network.variant else {}):
        if "budget" in about:
            limits |= stated_limits(about["budget"].data)
    for (name, conditions), template in limits.items():
        yield Budget(name, template.data, template.mark, conditions=conditions)


def _of_blocks(document: Document) -> Iterator[Budget]:
    """Yield the budgets of the blocks that the document has or uses."""
    used = (home.blocks[name] for name, home in document.homes.items())
    for block in (*document.blocks.values(), *used):
        for name, template in block.budget.items():
            yield Budget(name, template.data, template.mark, block=block.name)
