"""Networks are found by name, alias, path and variant."""

from __future__ import annotations

from pathlib import Path

import pytest

from archprof.language.find import find, shipped, shipped_files
from archprof.language.network import names
from archprof.problem import ProblemError
from tests.language.families import FAMILY, LENET


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


def test_shipped_networks_load_and_no_name_is_taken_twice() -> None:
    taken: dict[str, str] = {}
    for network in shipped():
        for name in names(network):
            assert name not in taken, f"{name} is {taken[name]} and {network.name}"
            taken[name] = network.name
    assert shipped_files()


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
