"""The public models that capture is tried on, and how each is built without weights.

A target is LIBRARY:NAME. torchvision says itself what it has; of timm it is one model of every
family, a small one where there is a choice; of transformers one class of each kind of network.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn

from archprof.model.meta import build

TIMM = """
    beit_base_patch16_224 halonet26t mobileone_s0 cait_xxs24_224 coat_lite_tiny convit_tiny
    convmixer_768_32 convnextv2_atto cpubone_nano crossvit_9_240 csatv2 cs3darknet_s cspnext_tiny
    davit_tiny deepseek_vit_412m deit_tiny_distilled_patch16_224 densenet121 dla34 dpn48b
    edgenext_x_small efficientformer_l1 efficientformerv2_s0 efficientnet_b0 efficientvim_m1
    efficientvit_b0 efficientvit_m0 eva02_tiny_patch14_224 fasternet_t0 fastvit_s12
    focalnet_tiny_lrf gcvit_xxtiny gemma4_vit_167m ghostnet_050 hardcorenas_a hgnet_tiny
    hiera_tiny_224 sam2_hiera_tiny hrnet_w18_small iformer_s inception_next_atto
    inception_resnet_v2 inception_v3 inception_v4 lcnetv2_small levit_128s lowformer_b0
    mambaout_femto maxvit_rmlp_pico_rw_256 poolformer_s12 mixer_s32_224 mobilenetv3_small_050
    mobilenetv5_base mobilevit_xxs mvitv2_tiny naflexvit_base_patch16_gap nasnetalarge nest_tiny
    nextvit_small nf_resnet26 pit_xs_224 pnasnet5large pvt_v2_b0 qwen3_vit_88m rdnet_tiny
    regnety_002 repghostnet_050 repvit_m0_9 res2net50_14w_8s resnest14d ecaresnet26t
    resnetv2_50x1_bit rexnet_100 selecsls42 legacy_seresnet18 sequencer2d_s shvit_s1 skresnet18
    starnet_s050 swiftformer_xs swin_tiny_patch4_window7_224 swinv2_tiny_window8_256
    swinv2_cr_tiny_224 tiny_vit_5m_224 tnt_s_patch16_224 tresnet_l twins_pcpvt_small vgg11_bn
    visformer_tiny vit_tiny_patch16_224 vit_tiny_r_s16_p8_224 vit_relpos_small_patch16_224
    samvit_base_patch16_224 vitamin_small_224 volo_d1_224 ese_vovnet19b_dw legacy_xception
    xception41 xcit_nano_12_p16_224
"""


class Transformer(NamedTuple):
    """A network of transformers: its class, its configuration, and the side of its images."""

    network: str
    config: str
    side: int = 224
    settings: dict[str, Any] = {}  # noqa: RUF012 - never mutated


TRANSFORMERS = {
    "vit": Transformer("ViTForImageClassification", "ViTConfig"),
    "swin": Transformer("SwinForImageClassification", "SwinConfig"),
    "dinov2": Transformer(
        "Dinov2ForImageClassification", "Dinov2Config", settings={"image_size": 224}
    ),
    "segformer": Transformer("SegformerForSemanticSegmentation", "SegformerConfig"),
    "beit": Transformer(
        "BeitForImageClassification",
        "BeitConfig",
        settings={"use_relative_position_bias": True},
    ),
    "clip": Transformer("CLIPVisionModel", "CLIPVisionConfig"),
    "convnextv2": Transformer("ConvNextV2ForImageClassification", "ConvNextV2Config"),
    "siglip": Transformer("SiglipVisionModel", "SiglipVisionConfig"),
    "rt_detr": Transformer("RTDetrForObjectDetection", "RTDetrConfig", 640),
    "mask2former": Transformer("Mask2FormerForUniversalSegmentation", "Mask2FormerConfig", 384),
    "dpt": Transformer("DPTForDepthEstimation", "DPTConfig", 384),
}

VIDEO = {"mc3_18": 112, "r2plus1d_18": 112, "r3d_18": 112, "s3d": 224, "mvit": 224, "swin3d": 224}
"""By the beginning of a name the side of the 16 images that torchvision's video models take."""

DETECTION = ("rcnn", "retinanet", "fcos", "ssd")
SEGMENTATION = ("deeplabv3", "fcn_", "lraspp")


def targets() -> list[str]:
    """Return all targets, library by library."""
    import torchvision

    names = torchvision.models.list_models()
    return [
        *(f"torchvision:{name}" for name in names),
        *(f"timm:{name}" for name in TIMM.split()),
        *(f"transformers:{name}" for name in TRANSFORMERS),
    ]


def built(target: str, weights: bool = False) -> tuple[nn.Module, tuple[Any, ...]]:
    """Return a target's module, in evaluation, and its inputs, on the meta device or, with weights,
    on the CPU.
    """
    library, _, name = target.partition(":")
    if weights:
        module, shapes = LIBRARIES[library](name)
    else:
        module, shapes = without_weights(lambda: LIBRARIES[library](name))
    device = "cpu" if weights else "meta"
    tensors = tuple(torch.empty(shape, device=device) for shape in shapes)
    module.eval()
    if library == "torchvision" and any(word in name for word in DETECTION):
        return module, ([tensors[0][0]],)  # a list of images of their own sizes
    return module, tensors


def with_weights(target: str) -> tuple[nn.Module, torch.Tensor]:
    """Return a target's module with random weights, in evaluation, and an image."""
    library, _, name = target.partition(":")
    module, shapes = LIBRARIES[library](name)
    return module.eval(), torch.rand(shapes[0])


Shapes = list[tuple[int, ...]]


def without_weights(make: Callable[[], tuple[nn.Module, Shapes]]) -> tuple[nn.Module, Shapes]:
    """Return a module without memory for its weights, buffers on the meta device too."""
    module, shapes = build(make).module
    for part in module.modules():
        for name, buffer in part._buffers.items():
            if buffer is not None:
                part._buffers[name] = buffer.to("meta")
    return module, shapes


def _torchvision(name: str) -> tuple[nn.Module, Shapes]:
    import torchvision

    builder = torchvision.models.get_model_builder(name)
    takes = inspect.signature(builder).parameters
    given: dict[str, Any] = {"weights": None}
    if "weights_backbone" in takes:
        given["weights_backbone"] = None
    if "googlenet" in name or "inception" in name:
        given["init_weights"] = False  # would fill weights that are not there, for seconds
    return builder(**given), _image_shapes(name)


def _image_shapes(name: str) -> Shapes:
    for begin, side in VIDEO.items():
        if name.startswith(begin):
            return [(1, 3, 16, side, side)]
    if name.startswith("raft"):
        return [(1, 3, 128, 128)] * 2
    if any(word in name for word in DETECTION):
        return [(1, 3, 320, 320)]
    if any(name.startswith(word) for word in SEGMENTATION):
        return [(1, 3, 520, 520)]
    if "inception_v3" in name:
        return [(1, 3, 299, 299)]
    return [(1, 3, 256, 256)] if name.startswith("swin_v2") else [(1, 3, 224, 224)]


def _timm(name: str) -> tuple[nn.Module, Shapes]:
    import timm

    module = timm.create_model(name, pretrained=False)
    return module, [(1, *module.pretrained_cfg["input_size"])]


def _transformers(name: str) -> tuple[nn.Module, Shapes]:
    import transformers

    wanted = TRANSFORMERS[name]
    config = getattr(transformers, wanted.config)(**wanted.settings)
    module: nn.Module = getattr(transformers, wanted.network)(config)
    return module, [(1, 3, wanted.side, wanted.side)]


LIBRARIES: dict[str, Callable[[str], tuple[nn.Module, Shapes]]] = {
    "torchvision": _torchvision,
    "timm": _timm,
    "transformers": _transformers,
}
"""By library what builds one of its networks, with the shapes of its inputs."""
