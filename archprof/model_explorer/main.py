"""What Model Explorer loads: specs as graphs, and what their layers cost as node data."""

from __future__ import annotations

from typing import Any

from archprof.commands.export.explorer_graph import QUANTITIES, explorer_graph, node_data
from archprof.model_explorer.specs import analyses, analysis_of
from archprof.problem import ProblemError

try:
    from model_explorer import (
        Adapter,
        AdapterMetadata,
        GetConfigEditorsResult,
        NodeDataProvider,
        NodeDataProviderFilter,
        NodeDataProviderMetadata,
        NodeDataProviderResult,
        graph_builder,
        node_data_builder,
    )
except ImportError as error:
    raise ImportError(
        "archprof.model_explorer is an extension of Model Explorer, which is not installed or too"
        " old: pip install --upgrade ai-edge-model-explorer"
    ) from error

SUFFIXES = ["yaml", "yml"]


class ArchprofAdapter(Adapter):  # type: ignore[misc]
    """Opens specs: a graph for each network, with what its layers cost."""

    metadata = AdapterMetadata(
        id="archprof",
        name="archprof",
        description="Networks of archprof's spec files, with parameters, MACs, FLOPs and memory.",
        fileExts=SUFFIXES,
    )

    def convert(self, model_path: str, settings: dict[str, Any]) -> dict[str, Any]:
        """Return the networks of a file. Raises ProblemError, whose text Model Explorer shows."""
        return {
            "graphs": [_graph(explorer_graph(one, {})) for one in analyses(model_path).values()]
        }


class ArchprofCosts(NodeDataProvider):  # type: ignore[misc]
    """Colours the layers of a spec by what they cost."""

    metadata = NodeDataProviderMetadata(
        id="archprof_costs",
        name="archprof: costs by layer",
        description="Parameters, MACs, FLOPs, output and saved bytes of each layer, one image.",
        icon="calculate",
        filter=NodeDataProviderFilter(modelFileExts=SUFFIXES),
    )

    def get_config_editors(self, provider_id: str) -> Any:
        """Return that there is nothing to choose."""
        return GetConfigEditorsResult(configEditors=[])

    def run(
        self,
        provider_id: str,
        model_path: str,
        graph_id: str,
        config_values: dict[str, Any],
        graph: Any = None,
    ) -> Any:
        """Return every quantity of each layer that is counted, or why there is none."""
        try:
            analysis = analysis_of(model_path, graph_id)
        except ProblemError as error:
            return NodeDataProviderResult(error=str(error))
        counted = [name for name in QUANTITIES if name != "latency_ms"]
        return NodeDataProviderResult(
            result=[_node_data(node_data(analysis, name, {})) for name in counted]
        )


def _graph(data: dict[str, Any]) -> Any:
    """Return the graph in Model Explorer's own classes."""
    nodes = [
        graph_builder.GraphNode(
            id=node["id"],
            label=node["label"],
            namespace=node["namespace"],
            attrs=_pairs(node["attrs"]),
            incomingEdges=[graph_builder.IncomingEdge(**edge) for edge in node["incomingEdges"]],
            outputsMetadata=[
                graph_builder.MetadataItem(id=item["id"], attrs=_pairs(item["attrs"]))
                for item in node["outputsMetadata"]
            ],
        )
        for node in data["nodes"]
    ]
    groups = data["groupNodeAttributes"]
    return graph_builder.Graph(id=data["id"], nodes=nodes, groupNodeAttributes=groups)


def _pairs(attributes: list[dict[str, str]]) -> list[Any]:
    return [graph_builder.KeyValue(**pair) for pair in attributes]


def _node_data(data: dict[str, Any]) -> Any:
    results = {
        name: node_data_builder.NodeDataResult(**result) for name, result in data["results"].items()
    }
    gradient = [node_data_builder.GradientItem(**item) for item in data["gradient"]]
    return node_data_builder.GraphNodeData(results=results, name=data["name"], gradient=gradient)
