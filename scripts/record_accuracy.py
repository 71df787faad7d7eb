"""Write specs/published/accuracy.csv: the top-1 accuracies that torchvision publishes, by network.

    python scripts/record_accuracy.py

It needs torchvision, whose weights carry their figures on ImageNet-1K (nothing is downloaded). A
network is taken where torchvision's model of the same name has as many parameters; `resnet50` and
others have weights of several recipes, each with a row.
"""

from __future__ import annotations

import csv
import io

import torchvision
from torchvision.models import get_model_weights, list_models

from archprof.language.find import shipped
from archprof.language.shipped_folder import specs_folder
from archprof.loaded import Loaded

NAMES = {"alexnet_owt": "alexnet", "googlenet_bn": "googlenet"}  # here: what torchvision says
OTHERS = {"alexnet", "googlenet"}  # which here are the papers' networks
FIELDS = ("network", "top1", "weights", "source")


def rows() -> list[tuple[str, str, str, str]]:
    theirs = set(list_models(torchvision.models))
    source = f"torchvision {torchvision.__version__.partition('+')[0]}"
    found = []
    for network in shipped():
        name = NAMES.get(network.name, network.name)
        if name not in theirs or network.name in OTHERS:
            continue
        graph = Loaded(network).graph
        params = sum(node.params for node in graph.nodes if not node.aux)
        heads = sum(node.params for node in graph.nodes if node.aux)
        for weights in get_model_weights(name):
            # V1 and V2 are trained on ImageNet-1K alone
            ours = weights.meta["num_params"] in (params, params + heads)
            if ours and weights.name.startswith("IMAGENET1K_V"):
                top1 = weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]
                found.append((network.name, f"{top1:.3f}", weights.name, source))
    return found


if __name__ == "__main__":
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows(rows())
    path = specs_folder() / "published" / "accuracy.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    print(f"{path} written, {text.getvalue().count(chr(10)) - 1} rows")
