"""The extension, against stand-ins for Model Explorer's classes or, where it is there, its own."""

from __future__ import annotations

import importlib
import sys
from dataclasses import asdict, dataclass, field, make_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

MAIN = "archprof.model_explorer.main"
LENET = str(Path(__file__).parent.parent / "data" / "lenet.yaml")
BROKEN = str(Path(__file__).parent.parent / "data" / "broken.yaml")


def many(name: str) -> tuple[str, type, Any]:
    """A field that holds a list, empty by default."""
    return name, list, field(default_factory=list)


def stand_in() -> ModuleType:
    """The names of ai-edge-model-explorer 0.1.34 that the extension uses, fields and all."""
    module = ModuleType("model_explorer")
    graph = ModuleType("model_explorer.graph_builder")
    data = ModuleType("model_explorer.node_data_builder")
    vars(graph).update(
        KeyValue=make_dataclass("KeyValue", ["key", "value"]),
        MetadataItem=make_dataclass("MetadataItem", ["id", many("attrs")]),
        IncomingEdge=make_dataclass(
            "IncomingEdge",
            ["sourceNodeId", ("sourceNodeOutputId", str, "0"), ("targetNodeInputId", str, "0")],
        ),
        GraphNode=make_dataclass(
            "GraphNode",
            [
                "id",
                "label",
                ("namespace", str, ""),
                many("attrs"),
                many("incomingEdges"),
                many("outputsMetadata"),
            ],
        ),
        Graph=make_dataclass(
            "Graph",
            [
                "id",
                many("nodes"),
                ("groupNodeAttributes", dict, None),
            ],
        ),
    )
    vars(data).update(
        NodeDataResult=make_dataclass("NodeDataResult", ["value"]),
        GradientItem=make_dataclass("GradientItem", ["stop", ("bgColor", str, None)]),
        GraphNodeData=make_dataclass(
            "GraphNodeData",
            ["results", ("name", str, None), many("gradient")],
        ),
    )

    @dataclass
    class Metadata:
        id: str = ""
        name: str = ""
        description: str = ""
        fileExts: list[str] = field(default_factory=list)
        icon: str = ""
        filter: Any = None

    vars(module).update(
        Adapter=type("Adapter", (), {}),
        AdapterMetadata=Metadata,
        NodeDataProvider=type("NodeDataProvider", (), {}),
        NodeDataProviderMetadata=Metadata,
        NodeDataProviderFilter=make_dataclass("NodeDataProviderFilter", ["modelFileExts"]),
        NodeDataProviderResult=make_dataclass(
            "NodeDataProviderResult", [("result", Any, None), ("error", str, "")]
        ),
        GetConfigEditorsResult=make_dataclass("GetConfigEditorsResult", ["configEditors"]),
        graph_builder=graph,
        node_data_builder=data,
    )
    return module


@pytest.fixture
def extension(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that `--extensions=archprof.model_explorer` imports: that package's `main`."""
    if importlib.util.find_spec("model_explorer") is None:
        monkeypatch.setitem(sys.modules, "model_explorer", stand_in())
    monkeypatch.delitem(sys.modules, MAIN, raising=False)
    return importlib.import_module(MAIN)


def test_without_model_explorer_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "model_explorer", None)
    monkeypatch.delitem(sys.modules, MAIN, raising=False)
    with pytest.raises(ImportError, match="pip install --upgrade ai-edge-model-explorer"):
        importlib.import_module(MAIN)


def test_a_spec_becomes_a_graph(extension: Any) -> None:
    (graph,) = extension.ArchprofAdapter().convert(LENET, {})["graphs"]
    assert graph.id == "lenet"
    nodes = {node.id: node for node in graph.nodes}
    assert nodes["conv2"].incomingEdges[0].sourceNodeId == "pool1"
    said = {pair.key: pair.value for pair in nodes["conv1"].attrs}
    assert said["Parameters"] == "156"
    assert asdict(graph)["groupNodeAttributes"][""]["Parameters"] == "61,706"
    assert extension.ArchprofAdapter.metadata.fileExts == ["yaml", "yml"]


def test_what_layers_cost_is_node_data(extension: Any) -> None:
    provider = extension.ArchprofCosts()
    done = provider.run("archprof_costs", LENET, "lenet", {})
    assert done.error == ""
    found = {data.name: data for data in done.result}
    assert found["Parameters"].results["fc5"].value == 850
    assert "Latency, ms" not in found
    assert provider.get_config_editors("archprof_costs").configEditors == []


def test_a_faulty_spec_is_an_error_in_words(extension: Any) -> None:
    from archprof.problem import ProblemError

    done = extension.ArchprofCosts().run("archprof_costs", BROKEN, "alexnet", {})
    assert "shape-assertion" in done.error
    with pytest.raises(ProblemError, match="shape-assertion"):
        extension.ArchprofAdapter().convert(BROKEN, {})
