"""Record what timm's benchmark counts, and what its result files print, for networks that archprof
ships.

Run it in an environment of its own, with a checkout of huggingface/pytorch-image-models:

    python -m venv tools && tools/bin/pip install -e . torch torchvision timm fvcore
    tools/bin/python scripts/record_timm.py pytorch-image-models

benchmark.py of timm prints infer_gmacs by fvcore's FlopCountAnalysis. Its result files but those of
pt2.1.0 count attention's products, so they were made with fused attention off, as the models are
here. Written to tests/data/counts:

    timm_results.csv   what the files print, in units of 10 million; `pt210` where the pt2.1.0 files
    print something else timm_models.csv    the exact counts of the timm installed, for some
    networks
"""

from __future__ import annotations

import csv
import importlib.metadata
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "data" / "counts"

OTHERWISE = {
    "vit_b_16": "vit_base_patch16_224",
    "vit_l_16": "vit_large_patch16_224",
    "vit_b_32": "vit_base_patch32_224",
    "swin_t": "swin_tiny_patch4_window7_224",
    "swin_s": "swin_small_patch4_window7_224",
    "swin_b": "swin_base_patch4_window7_224",
    "mobilenet_v2": "mobilenetv2_100",
    "mobilenet_v2_140": "mobilenetv2_140",
    "mobilenet_v3_large": "mobilenetv3_large_100",
    "mobilenet_v3_small": "mobilenetv3_small_100",
}
"""timm's names of networks that archprof ships under others."""

EXACT = (
    "resnet18",
    "resnet50",
    "resnext50_32x4d",
    "wide_resnet50_2",
    "resnetv2_50",
    "nf_resnet50",
    "seresnet50",
    "legacy_seresnet50",
    "seresnext50_32x4d",
    "densenet121",
    "inception_v3",
    "inception_v4",
    "mobilenet_v2",
    "mobilenet_v2_140",
    "mobilenet_v3_large",
    "efficientnet_b1",
    "nasnetalarge",
    "dm_nfnet_f0",
    "convnext_tiny",
    "convnextv2_atto",
    "deit_tiny_patch16_224",
    "vit_b_16",
    "swin_t",
    "vgg16_bn",
)


def results(checkout: Path) -> None:
    """Write the files' figures of each network and resolution.

    All files agree on them but those of pt2.1.0. Exits where others do not.
    """
    from archprof.language.find import shipped
    from archprof.language.network import names

    ours = {OTHERWISE.get(name, name): name for network in shipped() for name in names(network)}
    printed: dict[tuple[str, int], dict[str, tuple[str, str]]] = defaultdict(dict)
    for path in sorted((checkout / "results").glob("benchmark-infer-*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["model"] in ours and row.get("infer_gmacs"):
                    printed[row["model"], int(row["infer_img_size"])][path.name] = (
                        row["infer_gmacs"],
                        row["param_count"],
                    )
    commit = subprocess.run(
        ["git", "-C", str(checkout), "rev-parse", "HEAD"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    rows = []
    for (model, side), files in sorted(printed.items()):
        figures = {figure for name, figure in files.items() if "pt210" not in name}
        old = {gmacs for name, (gmacs, _) in files.items() if "pt210" in name}
        if len(figures) != 1:
            raise SystemExit(f"{model} at {side}: the files print {sorted(figures)}")
        [(gmacs, params)] = figures
        rows.append(
            (
                ours[model],
                model,
                side,
                params,
                gmacs,
                len(files),
                " ".join(sorted(old - {gmacs})),
                commit[:7],
            )
        )
    write(
        "timm_results.csv",
        ("network", "timm", "side", "params_m", "gmacs", "files", "pt210", "commit"),
        rows,
    )


def models() -> None:
    """Write what fvcore counts of timm's own models, as its benchmark does."""
    import timm
    import torch
    from fvcore.nn import FlopCountAnalysis
    from timm.layers import set_fused_attn

    from archprof.language.expand import expand
    from archprof.language.find import find

    set_fused_attn(False)
    version, rows = importlib.metadata.version("timm"), []
    for name in EXACT:
        shape = expand(find(name)).input
        model = timm.create_model(OTHERWISE.get(name, name)).eval()
        counted = (
            FlopCountAnalysis(model, torch.zeros(1, *shape))
            .unsupported_ops_warnings(False)
            .uncalled_modules_warnings(False)
        )
        rows.append(
            (
                name,
                OTHERWISE.get(name, name),
                "x".join(map(str, shape)),
                int(counted.total()),
                version,
            )
        )
    write("timm_models.csv", ("network", "timm", "input", "flops", "version"), rows)


def write(name: str, heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(rows)


if __name__ == "__main__":
    results(Path(sys.argv[1]))
    models()
