"""The page of an op on a terminal and as Markdown."""

from __future__ import annotations

import re

from archprof.commands.reference.op_page import OpPage, op_page
from archprof.commands.reference.op_tables import list_markdown, page_lines, page_markdown
from archprof.ops import OPS


def text(page: OpPage, width: int = 80) -> str:
    return "\n".join("".join(part for part, _ in line).rstrip() for line in page_lines(page, width))


def test_an_op_without_settings_by_hand() -> None:
    assert text(op_page(OPS["tanh"])) == (
        "tanh · activation · inputs: 1\n"
        "tanh(x), torch.nn.Tanh.\n"
        "\n"
        "It has no settings.\n"
        "\n"
        "Example\n"
        "name: tanh_example\n"
        "input: 16x8x8\n"
        "layers:\n"
        "  tanh: {op: tanh}\n"
        "\n"
        "Formulas, at the example\n"
        "Layer  Quantity  Formula            With numbers  Result\n"
        "────────────────────────────────────────────────────────\n"
        "tanh   output    the input's shape                16x8x8\n"
        "       params                                          0\n"
        "       MACs                                            0\n"
        "       FLOPs                        5*16*8*8       5,120\n"
        "\n"
        "Kept for the backward pass of one image, beside the weights\n"
        "its output"
    )


def test_a_narrow_terminal_is_kept_to() -> None:
    page = op_page(OPS["conv2d"])
    outside = [line for line in text(page, 60).split("\n") if line not in page.example.split("\n")]
    assert max(map(len, outside)) <= 60


def test_weights_are_named_by_layer() -> None:
    shown = text(op_page(OPS["conv2d"]))
    assert "Weights of conv: weight 16x3x3x3, bias 16\n" in shown
    assert "Weights of depthwise: weight 16x1x3x3\n" in shown


def test_what_layers_keep_is_told_apart_only_where_it_differs() -> None:
    """One output pixel keeps no more than its sum needs: nothing."""
    assert text(op_page(OPS["conv2d"])).endswith("\nits input")
    assert text(op_page(OPS["adaptive_avg_pool2d"])).endswith("\npool: its input\ngap: nothing")


def test_markdown_by_hand() -> None:
    assert page_markdown(op_page(OPS["scale_by"]), 2) == (
        "## scale_by\n"
        "\n"
        "Family: scale. Inputs: 1.\n"
        "\n"
        "Multiplies by a constant `factor`: the gains of networks without normalization.\n"
        "\n"
        "`inplace` overwrites the input.\n"
        "\n"
        "| Setting | Default | Takes | Meaning |\n"
        "| --- | --- | --- | --- |\n"
        "| `factor` | must be given | a number | The constant. |\n"
        "| `inplace` | `false` | true or false | Overwrites its input, which then needs no memory"
        " of its own. |\n"
        "\n"
        "```yaml\n"
        "name: scale_by_example\n"
        "input: 16x8x8\n"
        "layers:\n"
        "  half: {op: scale_by, factor: 0.5}\n"
        "```\n"
        "\n"
        "| Layer | Quantity | Formula | With numbers | Result |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| `half` | output | `the input's shape` |  | 16x8x8 |\n"
        "|  | params |  |  | 0 |\n"
        "|  | MACs |  |  | 0 |\n"
        "|  | FLOPs |  | `1*16*8*8` | 1,024 |\n"
        "\n"
        "Kept for the backward pass of one image, beside the weights:\n"
        "\n"
        "- nothing\n"
    )


def test_markdown_names_weights_and_the_layers_that_keep_differently() -> None:
    text = page_markdown(op_page(OPS["adaptive_avg_pool2d"]))
    assert text.endswith("\n- `pool`: its input\n- `gap`: nothing\n")
    assert "Weights of `fc`: `weight` 10x128, `bias` 10." in page_markdown(op_page(OPS["linear"]))
    assert re.search(r"^It has no settings\.$", page_markdown(op_page(OPS["tanh"])), re.MULTILINE)


def test_the_list_as_markdown_may_link_to_headings() -> None:
    plain, linked = list_markdown(), list_markdown(linked=True)
    assert "\n| `relu` | activation | max(x, 0), torch.nn.ReLU |\n" in plain
    assert "\n| [`relu`](#relu) | activation | max(x, 0), torch.nn.ReLU |\n" in linked
    assert len(plain.splitlines()) == len(linked.splitlines()) == len(OPS) + 2
