"""One missing layer behind several figures, and tables whose rows have one convention."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from archprof.commands.lecture.claims.reader import load_lecture
from archprof.commands.lecture.deciding.deciding import decide
from archprof.commands.lecture.deciding.decision import JudgedClaim, Witnesses
from archprof.commands.lecture.deciding.joint import joint_explanations
from archprof.commands.lecture.deciding.judge import judge
from archprof.commands.lecture.deciding.subjects import Subjects

VGG = """lecture: VGG
claims:
  work: {of: {network: vgg16, first: features.0, last: features.16, quantity: macs}, stated: 7485M}
  params: {of: {network: vgg16, op: conv2d, quantity: params}, stated: 14.12457M}
  more: {of: {network: vgg16, op: conv2d, quantity: params}, stated: 17.07M}
  ratio:
    of:
      ratio:
      - {network: vgg16, first: features.0, last: features.16, quantity: macs}
      - {network: resnet18, quantity: macs}
    stated: 4.126x
"""
# MACs down to 28x28: 86,704,128 + 1,849,688,064 + 924,844,032 + 1,849,688,064 + 924,844,032
# + 2 * 1,849,688,064 = 9,335,144,448; less 1,849,688,064 = 7,485,456,384
# parameters of its convolutions 14,714,688; less 590,080 of a 256 to 256 one = 14,124,608


def judged(text: str, tmp_path: Path) -> list[tuple[Subjects, JudgedClaim]]:
    path = tmp_path / "claims.yaml"
    path.write_text(text, encoding="utf-8")
    lecture = load_lecture(path)
    subjects = Subjects(lecture)
    return [
        (subjects, judge(lecture, claim, subjects, Witnesses()))
        for claim in lecture.claims.values()
    ]


def test_layers_that_all_figures_may_lack(tmp_path: Path) -> None:
    """1,849,688,064 MACs are features.2, .7, .12 or .14, and 590,080 parameters features.12 or .14;
    17.07 M are a layer of 512 counted twice, which is another slip.
    """
    [found] = joint_explanations(judged(VGG.replace("14.12457M", "14.1246M"), tmp_path))
    assert (found.network, str(found.move)) == ("vgg16", "without one of features.12, features.14")
    assert [(one.claim, one.printed, one.also) for one in found.figures] == [
        ("work", "7485M", ("for vgg13",)),
        ("params", "14.1246M", ()),
    ]
    # 7485 M / 1,814,073,344 MACs of ResNet-18
    assert round(7485e6 / 1_814_073_344, 3) == 4.126
    assert [(one.claim, one.printed) for one in found.following] == [("ratio", "4.126x")]
    assert 0 < found.luck < Fraction(1, 1000)


def test_figures_without_a_layer_in_common(tmp_path: Path) -> None:
    """The digits of 14.12457 M are those of no layer."""
    assert joint_explanations(judged(VGG, tmp_path)) == []


def test_figures_that_lack_different_layers(tmp_path: Path) -> None:
    """12.3549 M lacks one of 512 to 512 channels: 14,714,688 - (9*512 + 1)*512 = 12,354,880."""
    assert joint_explanations(judged(VGG.replace("14.12457M", "12.3549M"), tmp_path)) == []


def test_luck_of_two_figures(tmp_path: Path) -> None:
    """7485 M matches a figure by luck once in 1498. Of the 282 figures near 14.12 M, 12.71 to
    15.53, leaving out features.2, .7 or one of .12 and .14 gives three: 14.68, 14.57 and 14.12.
    """
    convolutions = 14_714_688
    of_64, of_128, of_256 = (9 * 64 + 1) * 64, (9 * 128 + 1) * 128, (9 * 256 + 1) * 256
    left = [convolutions - layer for layer in (of_64, of_128, of_256)]
    assert [round(params / 10_000) for params in left] == [1468, 1457, 1412]
    [found] = joint_explanations(judged(VGG.replace("14.12457M", "14.12M"), tmp_path))
    match = Fraction(1, 1497) * Fraction(3, 282)
    assert found.luck == match / (1 + match)


def test_four_figures_of_two_lectures_are_one_convolution() -> None:
    """7485 M, 13.6 G and 48.6 MiB of VGG-16 lack one convolution of 256 to 256 channels at 56x56;
    19.4 is 13.6/0.7.
    """
    [found] = decide().joint
    assert str(found.move) == "without one of features.12, features.14"
    assert [(one.lecture, one.claim) for one in found.figures] == [
        ("L8", "L8-44"),
        ("EECS498", "EECS-08"),
        ("EECS498", "EECS-09"),
    ]
    assert [one.claim for one in found.following] == ["EECS-10"]
    assert found.figures[0].also == ("for vgg13, MACs",)


BURDEN = """lecture: BURDEN
claims:
  memory:
    table:
      rows:
      - {label: densenet, network: densenet121, output_bytes: 126 MB}
      - {label: vgg16, network: vgg16, output_bytes: 58 MB}
      - {label: vgg19, network: vgg19, output_bytes: 63 MB}
      - {label: resnet34, network: resnet34, output_bytes: 35 MB}
      - {label: resnet18, network: resnet18, output_bytes: 33 MB}
      - {label: alexnet, network: alexnet, output_bytes: 5.7 MB}
"""


def test_rows_of_a_table_have_one_convention(tmp_path: Path) -> None:
    """All outputs but activations in MiB. ResNet-18's 32,923,552 bytes are 33 MB as they stand, and
    AlexNet's 6,282,656 bytes hold in MiB, 5.99, no better than 5.7.
    """
    [(_, claim)] = judged(BURDEN, tmp_path)
    found = {one.label.partition(" ")[0]: one.verdict for one in claim.decisions}
    for name, text in (("densenet", "126"), ("vgg16", "58"), ("vgg19", "63"), ("resnet34", "35")):
        assert found[name].word == f"holds as activations in place, {text} MB in powers of 1024"
        assert found[name].luck is not None
        assert found[name].luck < Fraction(1, 100)
        assert found[name].others == ""
    assert found["resnet18"].word == "holds rounded"
    assert found["resnet18"].others == "activations in place, in powers of 1024"
    assert found["alexnet"].word == "differs"
