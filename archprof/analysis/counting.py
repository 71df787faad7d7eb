"""Counting conventions as data: the same network as each tool and the lectures count it."""

from __future__ import annotations

from collections.abc import Sequence

from archprof.analysis import tools
from archprof.analysis.tool_rules import MACS, NO_RULES, NOTHING, Rule, Rules
from archprof.graph.graph import Facts, Graph, Node, unknown_answer
from archprof.ops.adaptive_pooling import AdaptiveAvgPooling
from archprof.ops.base import Op
from archprof.ops.merge import Multiply
from archprof.record import Record


class Convention(Record):
    """What one count is called, which tool's it is, what it means, and how it follows from a layer.

    `called`: in the words of `solve`. `version`: the tool's, whose figures it equals. `otherwise`
    is the rule of an op that `rules` does not name. `squeezes`: whether the average over all pixels
    that a gate multiplies its own input by is counted as other poolings are.
    """

    unit: str
    called: str
    meaning: str
    otherwise: Rule
    rules: Rules = NO_RULES
    version: str = ""
    squeezes: bool = True

    def rule(self, op: str) -> Rule:
        """Return the rule of an op by its name in a spec."""
        return self.rules.get(op, self.otherwise)

    def counted(self, facts: Facts) -> int | None:
        """Return what a layer counts for one image; None where its cost is unknown."""
        if facts.cost is None:
            return None
        return self.rule(facts.op.name).of(facts)

    def known(self, facts: Facts) -> int:
        """Return what a layer counts for one image. Raises ProblemError where it is unknown."""
        counted = self.counted(facts)
        if counted is None:
            raise unknown_answer(f"an op `{facts.op.name}`", "cost")
        return counted

    def described(self) -> str:
        """Return the meaning, and the version it equals."""
        return self.meaning + (f"; equals {self.version}" if self.version else "")


_FVCORE = Rule(
    "what the op declares",
    lambda facts: (
        facts.known_cost.macs if facts.known_cost.fvcore is None else facts.known_cost.fvcore
    ),
)

CONVENTIONS: dict[str, Convention] = {
    "full": Convention(
        "FLOPs",
        "FLOPs of all arithmetic",
        "all arithmetic: 2 per MAC, 1 per bias add, the rest by the table of `archprof"
        " conventions`",
        Rule("what the op declares", lambda facts: facts.known_cost.flops),
    ),
    "macs": Convention(
        "MACs",
        "MACs",
        "multiply-accumulates of convolutions, linear layers and matrix products; what papers and"
        " torchvision call FLOPs",
        MACS,
    ),
    "torch": Convention(
        "FLOPs",
        "2 per MAC",
        "torch.utils.flop_counter.FlopCounterMode: 2 per MAC and nothing else",
        Rule("2 per MAC", lambda facts: 2 * facts.known_cost.macs),
        {"deform_conv2d": NOTHING},  # torchvision's operator
        version="torch 2.13.0",
    ),
    "fvcore": Convention(
        "fvcore flops",
        "fvcore's count",
        "fvcore.nn.FlopCountAnalysis: 1 per MAC, 2 per batch-norm and 5 per layer- or group-norm"
        " element, 1 per input element of an adaptive average pool, 4 per bilinear output, 0 for"
        " fused attention",
        _FVCORE,
        version="fvcore 0.1.5.post20221221",
    ),
    "timm": Convention(
        "timm GMACs",
        "timm's count",
        "the infer_gmacs of timm's result files: fvcore, with attention's two products, and without"
        " the average of a squeeze-and-excitation, which timm takes as a mean; in its pt2.1.0 files"
        " alone attention counts 0",
        _FVCORE,
        tools.TIMM,
        "timm 1.0.31",
        squeezes=False,
    ),
    "thop": Convention(
        "thop MACs",
        "thop's count",
        "thop.profile: 1 per MAC, 4 per batch- or layer-norm element, 1 per average-pooled output,"
        " 1 per input and output element of an adaptive average pool, 11 per bilinear output;"
        " functions such as attention 0",
        NOTHING,
        tools.THOP,
        "thop 0.1.1.post2209072238",
    ),
    "ptflops": Convention(
        "ptflops MACs",
        "ptflops's count",
        "ptflops with its pytorch back end: 1 per MAC and bias add, 2 per batch-norm element; relu,"
        " gelu, pooling and upsampling counted twice, as a module and as the function that it"
        " calls; attention 0",
        NOTHING,
        tools.PTFLOPS,
        "ptflops 0.7.5",
    ),
    "ptflops_modules": Convention(
        "ptflops MACs",
        "ptflops's count (modules)",
        "ptflops with its pytorch back end and count_functional off: the same with everything"
        " counted once and functions not at all; what versions before 0.7.1 print for a ResNet or"
        " MobileNet",
        NOTHING,
        tools.PTFLOPS_MODULES,
        "ptflops 0.7.5",
    ),
    "ptflops_aten": Convention(
        "ptflops MACs",
        "ptflops's count (aten)",
        "ptflops with its aten back end: 1 per MAC and bias add of convolutions and matrix"
        " products, 0 for fused attention",
        NOTHING,
        tools.PTFLOPS_ATEN,
        "ptflops 0.7.5",
    ),
    "torchinfo": Convention(
        "mult-adds",
        "torchinfo's mult-adds",
        "torchinfo.summary: weights and biases of a convolution once per output pixel, of all other"
        " modules once per image: a linear layer's tokens and attention's products are missing",
        NOTHING,
        tools.TORCHINFO,
        "torchinfo 1.8.0",
    ),
    "calflops": Convention(
        "calflops FLOPs",
        "calflops's FLOPs",
        "calflops: 2 per MAC, 1 per bias add of a convolution, 2 per batch-norm and 5 per"
        " layer-norm element, 1 per element of an activation, a pooling's input and a product;"
        " attention's products 0",
        NOTHING,
        tools.CALFLOPS,
        "calflops 0.3.2",
    ),
    "deepspeed": Convention(
        "DeepSpeed FLOPs",
        "DeepSpeed's FLOPs",
        "the DeepSpeed flops profiler: as calflops, with attention's products",
        NOTHING,
        tools.DEEPSPEED,
        "deepspeed 0.19.8",
    ),
    "lecture": Convention(
        "lecture FLOPs",
        "MACs and k*k per pooled output",
        "1 per MAC, and k*k per output of a pooling layer (the UMich AlexNet table)",
        Rule(
            "1 per MAC, k*k per pooled output",
            lambda facts: facts.known_cost.macs + facts.known_cost.lecture,
        ),
    ),
}
"""By the name `--count` takes; what a tool's convention equals is recorded by
scripts/record_counts.py and scripts/record_timm.py.
"""


def counted_by_node(
    graph: Graph, convention: Convention, samples: Sequence[int]
) -> list[int | None]:
    """Return by node what it counts for all of its `samples`, None where that is unknown."""
    means = frozenset[int]() if convention.squeezes else squeezes(graph)  # which count nothing
    ones: dict[Facts, int | None] = {}  # for one image; alike layers have the same facts
    found: list[int | None] = []
    for i, node in enumerate(graph.nodes):
        facts = node.facts
        if facts not in ones:
            ones[facts] = convention.counted(facts)
        one = ones[facts]
        if i in means:
            found.append(0)
        else:
            found.append(None if one is None else one * samples[i])
    return found


def squeezes(graph: Graph) -> frozenset[int]:
    """Return the nodes that average all pixels of a tensor which is then multiplied:
    squeeze-and-excitation.
    """
    gated: set[int] = set()
    for node in graph.nodes:
        if isinstance(node.op, Multiply):
            gated.update(node.inputs)
    return frozenset(
        i
        for i, node in enumerate(graph.nodes)
        if isinstance(node.op, AdaptiveAvgPooling) and _averages_all(node, gated)
    )


def _averages_all(node: Node, gated: set[int]) -> bool:
    """Return whether a pooling gives one pixel of what a gate multiplies."""
    return node.output[1:] == (1, 1) and node.inputs[0] in gated


OPTIMIZERS: dict[str, int] = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
"""Copies of the parameters an optimizer keeps as its state."""


CONV_AND_FC = ("conv1d", "conv2d", "conv3d", "linear")
"""What a lecture calls convolutions and fully connected layers."""


def in_lectures(op: Op | type[Op]) -> bool:
    """Return whether a lecture adds up the outputs of such layers as "memory".

    There is one per conv, pool and fc, of the kinds that lectures' tables have.
    """
    if op.name in ("table_conv2d", "std_conv2d", "scaled_std_conv2d"):
        return False
    return op.family in ("convolution", "linear", "pooling")
