"""Totals of networks without a public record, against what their papers and lectures print."""

from __future__ import annotations

import pytest

from archprof.language.expand import expand
from archprof.language.find import find

HE = "He et al. 2015, arXiv 1512.03385"
ZAGORUYKO = "Zagoruyko, Komodakis 2016, arXiv 1605.07146, Table 4"
TAN = "Tan, Le 2019, arXiv 1905.11946, Table 2"
HOWARD = "Howard et al. 2017, arXiv 1704.04861, Table 6"

PRINTED = [
    # a number as printed, in M unless it is exact, and where
    ("resnet20", "params", "0.27", f"{HE}, Table 6"),
    ("resnet32", "params", "0.46", f"{HE}, Table 6"),
    ("resnet44", "params", "0.66", f"{HE}, Table 6"),
    ("resnet56", "params", "0.85", f"{HE}, Table 6"),
    ("resnet110", "params", "1.7", f"{HE}, Table 6"),
    ("resnet1202", "params", "19.4", f"{HE}, Table 6"),
    ("wrn_28_10", "params", "36.5", ZAGORUYKO),
    ("wrn_40_4", "params", "8.9", ZAGORUYKO),
    ("wrn_16_8", "params", "11.0", ZAGORUYKO),
    ("mobilenet_v1_075", "macs", "325", HOWARD),
    ("mobilenet_v1_075", "params", "2.6", HOWARD),
    ("mobilenet_v1_050", "macs", "149", HOWARD),
    ("mobilenet_v1_050", "params", "1.3", HOWARD),
    ("mobilenet_v1_025", "macs", "41", HOWARD),
    ("mobilenet_v1_025", "params", "0.5", HOWARD),
    ("mobilenet_v2_140", "macs", "582", "tensorflow/models, slim/nets/mobilenet/README.md"),
    ("efficientnet_b0", "params", "5.3", TAN),
    ("efficientnet_b3", "params", "12", TAN),
    ("efficientnet_b7", "params", "66", TAN),
    ("zfnet", "params", "107.627624", "imgclsmob, ZFNet-b"),
    ("zfnet_figure3", "params", "62.357608", "imgclsmob, ZFNet"),
    ("inception_module_naive", "macs", "854", "CS231n, the Inception module without reduction"),
    ("legacy_senet154", "params", "115.09", "timm"),
]


@pytest.mark.parametrize(("name", "quantity", "printed", "source"), PRINTED)
def test_printed(name: str, quantity: str, printed: str, source: str) -> None:
    graph = expand(find(name))
    found = (
        sum(node.params if quantity == "params" else node.facts.cost.macs for node in graph.nodes)
        / 10**6
    )
    decimals = len(printed.partition(".")[2])
    assert f"{found:.{decimals}f}" == printed, source


def test_lenet_has_the_papers_trainable_parameters() -> None:
    """60,000 without the output layer (LeCun et al.

    1998), whose radial basis functions are a linear layer here.
    """
    assert (
        sum(node.params for node in expand(find("lenet5")).nodes if node.path != "output") == 60_000
    )


def test_option_a_adds_no_parameters() -> None:
    for plain, residual in (
        ("plain20", "resnet20"),
        ("plain56", "resnet56"),
        ("plain34", "resnet34_a"),
    ):
        assert sum(node.params for node in expand(find(plain)).nodes) == sum(
            node.params for node in expand(find(residual)).nodes
        )
