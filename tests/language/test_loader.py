"""Networks are found by name, alias, path and variant, and their parameters replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archprof.language import loader, source
from archprof.language.expand import expand
from archprof.language.loader import (
    Network,
    find,
    load_file,
    load_text,
    names,
    networks,
    override,
    parse_input,
    parse_override,
    shipped,
    shipped_files,
)
from archprof.problem import ProblemError

LENET = """\
name: lenet
title: LeNet
aliases: [lenet5, le-net]
input: 1x32x32
params: {width: 6, sizes: [120, 84], act: tanh, wide: false, rate: 0.5, twice: $width * 2}
layers:
  conv: {op: conv2d, out: $width, kernel: 5, shape: 6x28x28}
  act: {op: $act}
expect: {params: 156}
"""
FAMILY = """\
name: resnet
title: ResNet
source: He et al.
input: 3x32x32
aliases: the_family
params: {depths: , width: 4}
layers:
  conv: {op: conv2d, out: $width, kernel: 1, repeat: '$depths[0]'}
expect: {params: 1}
variants:
  resnet18: {depths: [2, 2]}
  resnet50: {depths: [3, 4], width: 8, title: ResNet-50, aliases: r50, input: 3x64x64, expect: {depth: 3}}
"""


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped specs: a network and a family."""
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "lenet.yaml").write_text(LENET)
    (folder / "resnet.yaml").write_text(FAMILY)
    monkeypatch.setattr(loader, "specs_folder", lambda: folder)
    monkeypatch.chdir(tmp_path)
    return folder


def said(target: str) -> str:
    with pytest.raises(ProblemError) as caught:
        find(target)
    return str(caught.value)


@pytest.mark.usefixtures("specs")
def test_shipped_networks_by_name_and_alias() -> None:
    assert [network.name for network in shipped()] == ["lenet", "resnet18", "resnet50"]
    assert find("lenet").name == find("lenet5").name == find("le-net").name == "lenet"
    assert find("resnet50").name == find("r50").name == "resnet50"
    assert find("lenet").document.file == "specs/lenet.yaml"
    assert [names(network) for network in shipped()] == [
        ("lenet", "lenet5", "le-net"),
        ("resnet18",),
        ("resnet50", "r50"),
    ]


@pytest.mark.usefixtures("specs")
def test_names_that_are_none() -> None:
    assert (
        said("lenett")
        == "lenett: error: there is no network called `lenett` [network]\n  hint: did you mean"
        " `lenet`?"
    )
    assert (
        said("resnet")
        == "resnet: error: there is no network called `resnet` [network]\n  hint: it is a family:"
        " resnet18, resnet50"
    )
    assert said("transformer").endswith(
        "hint: known: le-net, lenet, lenet5, r50, resnet18, resnet50"
    )
    assert (
        said("")
        == "network: error: there is no network called `` [network]\n  hint: known: le-net, lenet,"
        " lenet5, r50, resnet18, resnet50"
    )
    assert (
        said("the_family").splitlines()[0]
        == "the_family: error: there is no network called `the_family` [network]"
    )
    # a word of a file, and no network
    assert (
        said("conv").splitlines()[0] == "conv: error: there is no network called `conv` [network]"
    )
    assert (
        said("lenet:wide")
        == "lenet:wide: error: `lenet` is no path of a spec file [network]\n  hint: a variant of a"
        " shipped family goes by its own name"
    )
    assert (
        said("x" * 5000).splitlines()[1]
        == "  hint: known: le-net, lenet, lenet5, r50, resnet18, resnet50"
    )
    assert (
        said("a\0b").splitlines()[0]
        == "a\\x00b: error: there is no network called `a\\x00b` [network]"
    )


def test_paths_and_variants(specs: Path) -> None:
    Path("mine.yaml").write_text(FAMILY)
    assert find("mine.yaml:resnet18").name == "resnet18"
    assert find("mine.yaml:r50").name == "resnet50"
    assert find(f"{specs}/lenet.yaml").name == "lenet"
    assert find("./specs/lenet.yaml").document.file == "./specs/lenet.yaml".removeprefix("./")
    assert (
        said("mine.yaml:resnet51")
        == "mine.yaml:1:1: error: there is no variant `resnet51` here [network]\n  hint: did you"
        " mean `resnet50`?"
    )
    assert (
        said("mine.yaml") == "mine.yaml:1:1: error: this is a family: it needs `depths` [network]\n"
        "  hint: name a variant, mine.yaml:NAME, with NAME one of resnet18, resnet50"
    )
    assert said("other.yaml") == "other.yaml: error: there is no such file [file]"
    assert (
        said("minn.yaml")
        == "minn.yaml: error: there is no such file [file]\n  hint: did you mean `mine.yaml`?"
    )
    for path in ("lenet.yaml", "lenett.yaml", "models/lenet.yml", "lenet.yaml:wide"):
        assert said(path).splitlines()[1] == "  hint: did you mean the shipped network `lenet`?"
    Path("lenets.yaml").write_text(FAMILY)  # a file beside it is nearer
    assert said("lenet.yaml").splitlines()[1] == "  hint: did you mean `lenets.yaml`?"


def test_standard_input_is_no_network() -> None:
    assert (
        said("-")
        == "-: error: only `check` and `fmt` read a spec from standard input [network]\n  hint:"
        " give a file's path"
    )


@pytest.mark.usefixtures("specs")
def test_a_file_needs_no_suffix_and_may_have_a_colon() -> None:
    Path("mine").write_text(LENET)
    Path("a:b").write_text(LENET.replace("name: lenet", "name: colon"))
    assert find("mine").name == "lenet"
    assert find("a:b").name == "colon"
    Path("lenet").write_text(LENET.replace("name: lenet", "name: other"))
    assert find("lenet").document.file == "specs/lenet.yaml"  # a shipped name comes first
    assert find("./lenet").name == "other"


def test_a_family_of_one_needs_no_variant(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(FAMILY.split("  resnet50:")[0])
    assert find(str(path)).name == "resnet18"


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(LENET)
    assert find(str(path)).stated("title") == "LeNet"
    path.write_text(LENET.replace("title: LeNet", "title: LeNet-5"))
    assert find(str(path)).stated("title") == "LeNet-5"


def test_what_a_variant_says_of_itself() -> None:
    """Title, source and input come from the family where the variant has none; totals and
    aliases never do.
    """
    small, large = networks(load_text(FAMILY))
    assert (
        small.stated("title"),
        small.stated("source"),
        small.stated("input"),
        small.stated("expect"),
        names(small),
    ) == ("ResNet", "He et al.", "3x32x32", None, ("resnet18",))
    assert (
        large.stated("title"),
        large.stated("source"),
        large.stated("input"),
        large.stated("expect"),
        names(large),
    ) == ("ResNet-50", "He et al.", "3x64x64", {"depth": 3}, ("resnet50", "r50"))
    assert expand(large).input == (3, 64, 64)
    assert large.mark.line == 12


def test_a_file_with_defaults_is_a_network_beside_its_variants() -> None:
    document = load_text(FAMILY.replace("depths: ,", "depths: [1, 1],"))
    assert [network.name for network in networks(document)] == ["resnet", "resnet18", "resnet50"]
    assert next(networks(document)).stated("expect") == {"params": 1}
    assert list(networks(load_text("name: parts\nblocks: {b: {layers: [{op: relu}]}}\n"))) == []


# --- overrides ---


def lenet() -> Network:
    return next(networks(load_text(LENET)))


def refused(**values: Any) -> str:
    with pytest.raises(ProblemError) as caught:
        override(lenet(), values)
    return str(caught.value)


def test_override_parameters_and_input() -> None:
    plain = lenet()
    assert plain.as_specified()
    changed = override(plain, {"width": 8}, (1, 28, 28))
    assert not changed.as_specified()
    graph = expand(changed)
    # the spec's own shapes and totals are of the spec's own network
    assert not graph.problems
    assert (graph.input, graph.nodes[0].output) == ((1, 28, 28), (8, 24, 24))
    again = override(changed, {"act": "relu"})
    assert (again.overrides, again.input) == ({"width": 8, "act": "relu"}, (1, 28, 28))
    assert not override(plain, {}, (1, 32, 32)).as_specified()
    assert override(plain, {}).as_specified()


def test_override_keeps_the_kind() -> None:
    assert override(lenet(), {"rate": 1, "sizes": [1], "wide": True, "twice": 3}).overrides == {
        "rate": 1,
        "sizes": [1],
        "wide": True,
        "twice": 3,
    }
    assert (
        refused(width=1.5)
        == "--set: error: width is 1.5, expected the kind of its present value 6 [override]\n "
        " hint: with 6.0 as its default it takes any number"
    )
    assert (
        refused(width=True)
        == "--set: error: width is true, expected the kind of its present value 6 [override]"
    )
    assert (
        refused(sizes=3)
        == "--set: error: sizes is 3, expected the kind of its present value [120, 84] [override]"
    )
    assert (
        refused(act=None)
        == "--set: error: act is nothing, expected the kind of its present value 'tanh' [override]"
    )
    assert (
        refused(wide=0)
        == "--set: error: wide is 0, expected the kind of its present value false [override]"
    )
    assert refused(witdh=3, kernel=2) == "\n".join(
        [
            "--set: error: lenet has no parameter `kernel` [override]",
            "  hint: known parameters: act, rate, sizes, twice, wide, width",
            "--set: error: lenet has no parameter `witdh` [override]",
            "  hint: did you mean `width`?",
        ]
    )


def test_override_of_a_variant() -> None:
    small, large = networks(load_text(FAMILY))
    assert len(expand(override(small, {"depths": [5, 1]})).nodes) == 5
    assert expand(override(large, {"depths": [1, 1]})).nodes[0].output == (8, 64, 64)
    with pytest.raises(
        ProblemError, match="depths is 3, expected the kind of its present value \\[2, 2\\]"
    ):
        override(small, {"depths": 3})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("width=8", ("width", 8)),
        (" width = 8 ", ("width", 8)),
        ("sizes=[1, 2]", ("sizes", [1, 2])),
        ("act=relu", ("act", "relu")),
        ("act=", ("act", "")),
        ("act='a=b'", ("act", "a=b")),
        ("wide=true", ("wide", True)),
        ("rate=0.5", ("rate", 0.5)),
        ("rate=1.0e-3", ("rate", 0.001)),
    ],
)
def test_parse_override(text: str, expected: tuple[str, Any]) -> None:
    assert parse_override(text) == expected


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("width", "--set: error: 'width', expected NAME=VALUE [override]"),
        ("=8", "--set: error: '=8', expected NAME=VALUE [override]"),
        (
            "wide=yes",
            (
                "--set wide:1:1: error: `yes`: YAML readers disagree whether this is a truth value"
                " [yaml-trap]"
            ),
        ),
        (
            "width=010",
            "--set width:1:1: error: `010`: YAML 1.1 reads a leading zero as octal [yaml-trap]",
        ),
        ("sizes=[1", "--set sizes:1:1: error: not valid YAML: this `[` is not closed [yaml]"),
        (
            "act=\udcff",
            "--set act:1:1: error: not valid YAML: the character U+DCFF cannot stand in it [yaml]",
        ),
    ],
)
def test_parse_override_refuses(text: str, first: str) -> None:
    with pytest.raises(ProblemError) as caught:
        parse_override(text)
    assert str(caught.value).splitlines()[0] == first


def test_parse_input() -> None:
    assert parse_input("3x224x224") == (3, 224, 224)
    assert parse_input(" 16 ") == (16,)
    for text in ("", "3x", "3 x 32", "0x3x3", "1x2x3x4x5", "3x1000001x2", "-3x32x32", "３x32x32"):
        with pytest.raises(ProblemError, match="expected a shape such as 3x224x224"):
            parse_input(text)


# --- use ---


def test_use_looks_beside_the_file_then_among_the_shipped(specs: Path) -> None:
    (specs / "blocks").mkdir()
    (specs / "blocks" / "se.yaml").write_text("name: se\nblocks: {se: {layers: [{op: sigmoid}]}}\n")
    spec = "name: net\ninput: 3x8x8\nuse: blocks/se.yaml\nlayers:\n  a: {block: se}\n"
    Path("net.yaml").write_text(spec)
    document = load_file(Path("net.yaml"))
    assert document.homes["se"].file == "specs/blocks/se.yaml"
    assert [node.kind for node in expand(find("net.yaml")).nodes] == ["sigmoid"]
    Path("blocks").mkdir()
    Path("blocks/se.yaml").write_text("name: se\nblocks: {se: {layers: [{op: relu}]}}\n")
    document = load_file(Path("net.yaml"))
    assert document.homes["se"].file == "blocks/se.yaml"
    assert list(document.texts()) == ["net.yaml", "blocks/se.yaml"]


def test_a_file_used_many_times_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight files that each use the next thirty times would be 30^8 readings."""
    monkeypatch.chdir(tmp_path)
    for i in range(7):
        Path(f"f{i}.yaml").write_text(
            f"name: f{i}\nuse: [{', '.join([f'f{i + 1}.yaml'] * 30)}]\nblocks: {{}}\n"
        )
    Path("f7.yaml").write_text("name: f7\nblocks: {b7: {layers: [{op: relu}]}}\n")
    read: list[Path] = []

    def reading(path: Path, name: str | None = None) -> tuple[str, str]:
        read.append(path)
        return source.read(path, name)

    monkeypatch.setattr(loader, "read", reading)
    with pytest.raises(ProblemError, match=r"block `b7` comes from f7.yaml and from f7.yaml"):
        load_file(Path("f0.yaml"))
    assert len(read) == 8
    Path("f7.yaml").write_text("name: f7\nblocks: [\n")
    read.clear()
    with pytest.raises(ProblemError, match="not valid YAML"):
        load_file(Path("f0.yaml"))
    assert len(read) == 8


def test_files_use_files_eight_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for i in range(10):
        Path(f"f{i}.yaml").write_text(
            f"name: f{i}\nuse: f{i + 1}.yaml\nblocks: {{b{i}: {{layers: [{{op: relu}}]}}}}\n"
        )
    with pytest.raises(ProblemError, match="files use files more than 8 deep"):
        load_file(Path("f0.yaml"))


# --- the shipped ones ---


def test_shipped_networks_load_and_no_name_is_taken_twice() -> None:
    taken: dict[str, str] = {}
    for network in shipped():
        for name in names(network):
            assert name not in taken, f"{name} is {taken[name]} and {network.name}"
            taken[name] = network.name
    assert shipped_files()


def test_a_used_file_is_named_as_the_spec_would_write_it(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "bottleneck.yaml").write_text(
        "name: b\nblocks: {b: {layers: [{op: relu}]}}\n"
    )
    (tmp_path / "net.yaml").write_text(
        "name: net\ninput: 3x8x8\nuse: blocks/botleneck.yaml\nlayers: [{op: relu}]\n"
    )
    with pytest.raises(ProblemError) as error:
        load_file(tmp_path / "net.yaml", "net.yaml")
    assert [p.hint for p in error.value.problems if p.rule == "use"] == [
        "did you mean `blocks/bottleneck.yaml`?"
    ]


def test_a_name_that_a_spec_nearby_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs").mkdir()
    (tmp_path / "broken.yaml").write_text("name: [cifar\n")
    (tmp_path / "specs" / "cifar.yaml").write_text(
        "name: cifar\ninput: 3x8x8\nparams: {out: 8}\nlayers: [{op: conv2d, out: $out, kernel:"
        " 1}]\nvariants: {cifar_l: {out: 16}}\n"
    )
    assert "did you mean `specs/cifar.yaml`?" in said("cifar")
    assert "did you mean `specs/cifar.yaml:cifar_l`?" in said("cifar_l")
    assert "specs/" not in said("cifar_x")
