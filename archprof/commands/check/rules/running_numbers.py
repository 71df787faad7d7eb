"""A repeat that is `flat` and has a `name` numbers the layers of a list on from turn to turn.

`name` makes a module of each turn, and `flat` splices a list into the numbering
around it: the first turn has the layers 0 to 3, the second 4 to 7, though they
stand in modules of their own. No nn.Sequential begins at 4. Make the repeat an
entry of a list, without `flat`: each turn then begins at 0. A block whose
layers have names may be repeated so, as may a list without `name`, as in VGG.

PASS:
```yaml
name: stages  # stage1.0, stage1.1, stage2.0, stage2.1
input: 8x32x32
blocks:
  stage:
    layers: [{op: conv2d, out: 8, kernel: 3, padding: 1}, {op: relu}]
layers:
- {block: stage, repeat: 2, name: 'stage{$index + 1}'}
```

FAIL:
```yaml
name: stages  # stage1.0, stage1.1, stage2.2, stage2.3
input: 8x32x32
blocks:
  stage:
    layers: [{op: conv2d, out: 8, kernel: 3, padding: 1}, {op: relu}]
layers:
  stages: {block: stage, repeat: 2, flat: true, name: 'stage{$index + 1}'}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from archprof.commands.check import document_walk
from archprof.language.document import Body, Document, Layer
from archprof.problem import Problem


def check(document: Document) -> Iterator[Problem]:
    """Yield flat, named repeats of a list whose entries take numbers."""
    for body in document_walk.bodies(document):
        for layer in body.layers:
            if not (layer.flat and layer.name and layer.repeat) or _once(layer):
                continue
            inner = _inside(layer, document)
            if inner is None or not inner.numbered:
                continue
            if any(entry.name is None for entry in inner.layers):
                yield Problem(
                    layer.mark,
                    "running-numbers",
                    "a `flat` repeat with a `name` numbers this list on: the second turn does not"
                    " begin at 0",
                    "put it into a list of layers without `flat`: - {block: …, repeat: …, name: …}",
                )


def _inside(layer: Layer, document: Document) -> Body | None:
    """Return the body that the layer repeats, None where a value decides that."""
    if layer.body is not None:
        return layer.body
    if layer.target_kind != "block" or layer.target is None or not layer.target.constant:
        return None
    name: str = layer.target.data
    home = document if name in document.blocks else document.homes.get(name)
    return home.blocks[name].body if home is not None else None


def _once(layer: Layer) -> bool:
    return layer.repeat is not None and layer.repeat.constant and layer.repeat.data <= 1
