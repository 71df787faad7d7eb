"""What the figures of a text may state, as far as that is clear."""

from __future__ import annotations

import pytest

from archprof.commands.lecture.drafting.network_names import known_names, named_networks
from archprof.commands.lecture.drafting.pages import SlidePage
from archprof.commands.lecture.drafting.proposals import GuessedSubject, Proposal, proposals
from archprof.commands.lecture.drafting.table_rows import NetworkRow, TableOfNetworks


def only(text: str) -> list[tuple[str, str, GuessedSubject | None]]:
    found = list(proposals([SlidePage("", text)]))
    assert all(isinstance(one, Proposal) for one in found)
    return [(one.stated, one.quantity, one.subject) for one in found if isinstance(one, Proposal)]


@pytest.mark.parametrize(
    ("text", "stated", "quantity", "subject"),
    [
        ("VGG-16 has 138M parameters.", "138M", "params", GuessedSubject("vgg16")),
        ("The weights of VGG16: 138 million", "138 million", "params", GuessedSubject("vgg16")),
        ("ResNet-50 needs 4.1 GFLOPs", "4.1 GFLOPs", "flops", GuessedSubject("resnet50")),
        ("ResNet-50 needs 4.1G multiply-adds", "4.1G", "macs", GuessedSubject("resnet50")),
        ("AlexNet (FLOPs: 1.1G)", "1.1G", "flops", GuessedSubject("alexnet")),
        ("ResNet-152 has 152 layers", "152 layers", "depth", GuessedSubject("resnet152")),
        ("VGG-16's weights take 528 MB", "528 MB", "weight_bytes", GuessedSubject("vgg16")),
        ("VGG-16: 58 MB of activations", "58 MB", "output_bytes", GuessedSubject("vgg16")),
        ("AlexNet CONV1: 35K parameters", "35K", "params", GuessedSubject("alexnet", "conv1")),
        ("35K parameters in conv1 of AlexNet", "35K", "params", None),  # the name comes too late
        ("VGG-16, conv3_1: 295K parameters", "295K", "params", GuessedSubject("vgg16", "conv3_1")),
        ("VGG-16, conv9_1: 295K parameters", "295K", "params", None),  # it has none such
        ("AlexNet CONV1 makes [55x55x96]", "55x55x96", "shape", GuessedSubject("alexnet", "conv1")),
        ("The input of AlexNet is 227x227x3", "227x227x3", "input", GuessedSubject("alexnet")),
        ("AlexNet: 3x227x227 somewhere", "3x227x227", "shape", None),
        ("AlexNet CONV1: 11x11x3x96", "11x11x3x96", "filter", GuessedSubject("alexnet", "conv1")),
        (
            "GoogLeNet has 12x fewer parameters than AlexNet",
            "12x",
            "params",
            GuessedSubject("alexnet", other="googlenet"),
        ),
        (
            "VGG-16 has 2.2x the parameters of AlexNet",
            "2.2x",
            "params",
            GuessedSubject("vgg16", other="alexnet"),
        ),
        ("It has 5.5M parameters", "5.5M", "params", None),
        ("The answer is 138M", "138M", "", None),
        ("AlexNet FC6: 4096 neurons", "4096 neurons", "out", GuessedSubject("alexnet", "fc6")),
        ("AlexNet Parameters: as (2+1)*3 = 35K", "35K", "params", GuessedSubject("alexnet")),
        ("AlexNet, input 227x227x3 to conv1", "227x227x3", "input", GuessedSubject("alexnet")),
    ],
)
def test_one_figure(text: str, stated: str, quantity: str, subject: GuessedSubject | None) -> None:
    assert only(text) == [(stated, quantity, subject)]


@pytest.mark.parametrize(
    "text",
    [
        "VGG-16 has 3x3 filters, 2 of them, and 71.5% accuracy in 2014",
        "VGG-16 is twice as deep",
        "VGG-16: 2 FC layers; see Section 3.1 of ResNet-50",
        "3 parameters matter",
        "4096 neurons",
        "ImageNet has 14,197,122 images",
    ],
)
def test_what_no_analysis_knows_is_left_out(text: str) -> None:
    assert only(text) == []


def test_each_figure_has_the_network_before_it_and_the_quantity_of_the_last() -> None:
    assert only("VGG-16 has 138M parameters, AlexNet 61M, its CONV1 35K.") == [
        ("138M", "params", GuessedSubject("vgg16")),
        ("61M", "params", GuessedSubject("alexnet")),
        ("35K", "params", GuessedSubject("alexnet", "conv1")),
    ]


def test_a_line_that_begins_with_a_layer_is_about_it_to_its_end() -> None:
    text = "# VGG-16\n\n- conv1_1: 224x224x64, 1,792 parameters\n"
    conv = GuessedSubject("vgg16", "conv1_1")
    assert only(text) == [("224x224x64", "shape", conv), ("1,792 parameters", "params", conv)]


def test_whose_a_figure_is_after_another_layers_is_not_clear() -> None:
    """62M are the network's, and a line alike may go on with the layer."""
    found = only("AlexNet CONV1 has 35K parameters of 62M parameters.")
    assert found[1] == ("62M", "params", None)


def test_a_heading_names_the_network_of_what_follows_until_the_next() -> None:
    text = "# VGG-16\n\nIt has 138M parameters.\n\n# Pooling\n\nIt has 5M parameters.\n"
    assert only(text) == [("138M", "params", GuessedSubject("vgg16")), ("5M", "params", None)]


def test_a_heading_below_the_title_goes_on_with_its_network() -> None:
    text = "# Case study: AlexNet\n\nThe first layers\n\n- Input: 227x227x3\n- CONV1: 55x55x96\n"
    assert only(text) == [
        ("227x227x3", "input", GuessedSubject("alexnet")),
        ("55x55x96", "shape", GuessedSubject("alexnet", "conv1")),
    ]


def test_what_slides_repeat_is_proposed_once() -> None:
    pages = [SlidePage(f"page {n}", "VGG-16\n\nIt has 138M parameters.") for n in (1, 2)]
    [found] = proposals(pages)
    assert found.place == "page 1"


def test_lines_and_pages() -> None:
    pages = [
        SlidePage("page 1", "\nVGG-16 has\n138M parameters."),
        SlidePage("page 2", "AlexNet: 61M params"),
    ]
    found = [one for one in proposals(pages) if isinstance(one, Proposal)]
    assert [(one.place, one.line, one.says) for one in found] == [
        ("page 1", 3, "VGG-16 has 138M parameters."),
        ("page 2", 1, "AlexNet: 61M params"),
    ]


TABLE = """\
Networks compared, in millions.
Model  Accuracy  Million Mult-Adds  Million Parameters
1.0 MobileNet-224  70.6%  569  4.2
GoogLeNet  69.8%  1550  6.8
the end
"""


def test_a_table_of_networks() -> None:
    [found] = list(proposals([SlidePage("page 7", TABLE)]))
    assert isinstance(found, TableOfNetworks)
    assert (found.place, found.line) == ("page 7", 2)
    assert found.rows == [
        NetworkRow("1.0 MobileNet-224", "mobilenet_v1", {"macs": "569M", "params": "4.2M"}),
        NetworkRow("GoogLeNet", "googlenet", {"macs": "1550M", "params": "6.8M"}),
    ]


def test_units_of_cells_are_their_own() -> None:
    text = "Model Params (M) FLOPs (B) Layers\nResNet-18 11.7 1.8G 18\nResNet-34 21.8 3.6 34\n"
    [found] = list(proposals([SlidePage("", text)]))
    assert isinstance(found, TableOfNetworks)
    assert [row.cells for row in found.rows] == [
        {"params": "11.7M", "flops": "1.8G", "depth": "18"},
        {"params": "21.8M", "flops": "3.6B", "depth": "34"},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Model Params FLOPs\nMine 11.7M 1.8G\n",  # no network
        "Model Params FLOPs\nResNet-18 11.7M\n",  # a cell is missing
        "Model Params\nResNet-18 11.7M\n",  # a list
        "Params 3M FLOPs\nResNet-18 11.7M 1.8G\n",  # no head
    ],
)
def test_what_is_no_table(text: str) -> None:
    assert all(isinstance(one, Proposal) for one in proposals([SlidePage("", text)]))


def test_names_as_people_write_them() -> None:
    text = "VGG-16, ResNet 50, MobileNet V1, MobileNet, EfficientNet-B0, Inception v3 and vgg_16x"
    assert [one.network for one in named_networks(text, known_names())] == [
        "vgg16",
        "resnet50",
        "mobilenet_v1",
        "mobilenet_v1",
        "efficientnet_b0",
        "inception_v3",
    ]
