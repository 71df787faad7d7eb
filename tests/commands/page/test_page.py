"""What stands in a page, with and without its script."""

from __future__ import annotations

import base64
import json
import re
import time
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from archprof.analysis.analysis import analyze
from archprof.commands.page.page import Extras, network_page, page_data
from archprof.language.find import shipped
from archprof.loaded import Loaded
from archprof.targets import graph_of as graph_of_source
from archprof.targets import source
from tests.commands.page.pages import analysed, page_of
from tests.effort import NIGHTLY
from tests.small import graph_of

KILOBYTE = 1000


def data_of(page: str, name: str = "networks") -> Any:
    """The data that a page's script reads."""
    found = re.search(rf'data-name="{name}">([^<]*)<', page)
    assert found
    return json.loads(zlib.decompress(base64.b64decode(found[1]), -15))


def test_the_page_has_the_data_that_json_prints() -> None:
    analysis = analysed("resnet18")
    page = network_page([analysis], Extras())
    assert data_of(page) == json.loads(json.dumps(page_data([analysis], Extras())))


def test_totals_stand_in_the_page() -> None:
    """AlexNet in one tower: 62,378,344 parameters (specs/alexnet.yaml derives them)."""
    page = page_of("alexnet")
    assert "<dt>Parameters</dt><dd>62.4 M<small>62,378,344</small></dd>" in page
    assert "<h1>AlexNet, simplified to one tower</h1>" in page
    assert "<span>input 3x227x227</span><span>batch 1</span><span>float32</span>" in page


def test_the_table_stands_open_for_those_without_a_script() -> None:
    page = page_of("alexnet")
    assert re.search(r"<details open><summary>Every layer as a table</summary>", page)
    assert "is off here" in page
    assert '<th scope="row">conv1</th>' in page


def test_several_networks_are_put_beside_each_other() -> None:
    page = page_of("resnet50", "convnext_t")
    assert "<h1>ResNet-50 and ConvNeXt-T</h1>" in page
    assert [n["network"] for n in data_of(page)["networks"]] == ["resnet50", "convnext_tiny"]
    assert "Stage by stage, by resolution" in page


@pytest.mark.parametrize(
    ("name", "parameters", "most"),
    [
        ("resnet50", {}, 150),
        ("resnet50", {"depths": [300, 300, 400, 110]}, 400),  # 11,115 layers
        ("nasnetalarge", {}, 300),
    ],
)
def test_a_page_is_small(name: str, parameters: dict[str, Any], most: int) -> None:
    page = network_page([analysed(name, **parameters)], Extras())
    assert len(page.encode()) < most * KILOBYTE


def test_a_page_takes_little_time() -> None:
    """Of a network that is analysed; the whole command is timed in benchmarks."""
    analysis = analysed("resnet50")
    began = time.process_time()
    network_page([analysis], Extras())
    assert time.process_time() - began < 0.5


def test_the_peak_of_training_is_that_of_its_curve() -> None:
    """A linear layer of 8 to 4 for one image: weights and gradients of 8 * 4 * 4 bytes, the image
    and its label of 40, the scores' gradient of 16, the loss and its gradient of 4.
    """
    page = network_page(
        [analyze(graph_of({"fc": "op: linear, out: 4, bias: false"}, (8,)))], Extras()
    )
    assert 2 * 128 + 40 + 16 + 2 * 4 == 320
    assert "<dt>Peak, training</dt><dd>320 B<small>" in page
    assert "The peak is 320 B, in the backward phase, at fc, mm." in page


@pytest.mark.usefixtures("opaque")
def test_what_is_unknown_is_a_question_mark() -> None:
    layers = {"conv": "op: conv2d, out: 4, kernel: 3", "secret": "op: opaque"}
    page = network_page([analyze(graph_of(layers, (3, 8, 8)))], Extras())
    assert "<dt>MACs</dt><dd>≥ 3.89 K<small>≥ 3,888</small></dd>" in page
    assert "<dt>Peak, training</dt><dd>≥ " in page


def test_a_network_without_an_image_has_a_page() -> None:
    layers = {"fc": "op: linear, out: 4"}
    page = network_page([analyze(graph_of(layers, (8,)))], Extras())
    assert "not an image" in page


SOME = None if NIGHTLY else 12
"""Every how many shipped networks; all of them at night."""


@pytest.mark.parametrize("network", list(shipped())[:: SOME or 1], ids=lambda n: n.name)
def test_every_network_has_a_page(network: Any) -> None:
    page = network_page([Loaded(network).analyze()], Extras())
    assert data_of(page)["networks"][0]["network"] == network.name


class Elements(HTMLParser):
    """The elements and attributes of a page, as a browser finds them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)


def test_a_hostile_spec_gives_no_element_and_no_handler(tmp_path: Path) -> None:
    title = '</title></svg><script>alert(1)</script><img src=x onerror=alert(1)>" onload="x'
    spec = tmp_path / "net.yaml"
    quoted = title.replace('"', '\\"')
    spec.write_text(
        f'name: net\ntitle: "{quoted}"\ninput: [3, 8, 8]\nlayers:\n  a: {{op: relu}}\n',
        encoding="utf-8",
    )
    page = network_page([analyze(graph_of_source(source(str(spec))))], Extras())
    found = Elements()
    found.feed(page)
    # the data of the networks, that of the pictures, and the page's own script
    assert found.tags.count("script") == 3
    assert "img" not in found.tags
    assert not {name for name in found.attributes if name.startswith("on")}
    for picture in data_of(page, "pictures").values():
        tree = ElementTree.fromstring(picture)
        assert not [each for each in tree.iter() if each.tag.endswith(("script", "img"))]
