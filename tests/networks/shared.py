"""What several tests of a network need of it."""

from functools import lru_cache

import archprof
from archprof.graph.graph import Graph
from archprof.language.find import shipped
from archprof.language.network import Network
from archprof.problem import ProblemError
from tests.effort import NIGHTLY

# where the plain name is the paper's or the lecture's network, and not the public one
OURS = {"alexnet": "alexnet_owt", "googlenet": "googlenet_bn"}

FAMILIES = [
    "lenet5",
    "alexnet",
    "vgg11",
    "googlenet",
    "resnet18",
    "resnet50",
    "resnetv2_50",
    "nf_resnet50",
    "densenet121",
    "inception_v3",
    "seresnet50",
    "convnext_tiny",
    "convnextv2_atto",
    "mobilenet_v2",
    "mobilenet_v3_large",
    "squeezenet1_1",
    "shufflenet_v2_x0_5",
    "efficientnet_b0",
    "vit_b_16",
    "deit_tiny_patch16_224",
    "swin_t",
    "swin_v2_t",
    "edgenext_xx_small",
    "coatnet_0_rw_224",
    "unet",
    "nasnetamobile",
    "maxvit_t",
    "mixer_s32_224",
    "convmixer_768_32",
    "poolformer_s12",
    "resnest14d",
    "skresnet18",
    "mobilevit_xxs",
]
"""One network of each kind, for what their siblings say again in the nightly profile alone."""

OF_THEIR_OWN = {
    *FAMILIES,
    "alexnet_owt",
    "beit_base_patch16_224",
    "convmixer_1024_20_ks9_p14",
    "convnextv2_tiny",
    "cspresnet50",
    "deeplabv3_resnet50",
    "dm_nfnet_f0",
    "ese_vovnet39b",
    "fastvit_t8",
    "ghostnet_100",
    "hourglass_1",
    "inception_next_tiny",
    "lcnet_050",
    "lraspp_mobilenet_v3_large",
    "m11",
    "mobileone_s0_deployed",
    "mobileone_s1",
    "ofa_mbv3_smallest",
    "r2plus1d_18",
    "repghostnet_050",
    "res2net50_26w_4s",
    "resmlp_12_224",
    "resnet20",
    "resnetblur50",
    "resnetv2_50x1_bit",
    "roadmap_t12_gelu",
    "roadmap_t16_separate",
    "tinynet_e",
    "unet_padded",
    "zaremba_medium",
    "zaremba_small",
}
"""Variants that have a layer, or two that follow each other, as no other of their file has."""

ENSEMBLE = "fusion_2016"
"""Five networks of other files at once, behind a crop of its own (`test_shared.py` has it)."""


def _of_its_kind(network: Network) -> bool:
    if network.variant is None:
        return network.name != ENSEMBLE
    return network.name in OF_THEIR_OWN


OF_EACH_KIND = [network.name for network in shipped() if NIGHTLY or _of_its_kind(network)]
"""Networks with every op, every set of settings and every two neighbours that any shipped network
has (`test_shared.py`), and in the nightly profile all: other variants repeat their layers, wider or
more often.
"""

FURTHER = {
    "beit_base_patch16_224",
    "c3d",
    "clip_vit_b_32",
    "convnextv2_tiny",
    "darknet53",
    "dm_nfnet_f0",
    "fastvit_t8",
    "hourglass_1",
    "inception_next_tiny",
    "lraspp_mobilenet_v3_large",
    "m11",
    "mobileone_s1",
    "r2plus1d_18",
    "resnetblur50",
    "resnetv2_50x1_bit",
    "retinanet_resnet50_fpn",
    "swin_large_patch4_window7_224",
    "transformer_base_encoder",
    "unet3d",
    "unet_padded",
    "zaremba_small",
}
"""For which the analysis or a simulated step takes a branch of the code as for none of FAMILIES."""

OF_EACH_BRANCH = [name for name in OF_EACH_KIND if NIGHTLY or name in {*FAMILIES, *FURTHER}]
"""For what takes a second and more of each, and what tests of ops and of networks at random try as
well.
"""

SIDES = ((96, 96), (128, 128), (188, 188), (192, 192), (4, 32, 32), (92, 92, 92))
LARGE = 10**8


@lru_cache(maxsize=4)
def graph(name: str) -> Graph:
    """Return a shipped network, loaded once for the tests that follow each other."""
    return archprof.load(name).graph


def affordable(name: str) -> Graph:
    """Return the network for a run with memory: of more than 100 MMACs on the smallest input of
    `SIDES` that the architecture takes.
    """
    own = graph(name)
    if sum(node.facts.cost.macs for node in own.nodes) <= LARGE:
        return own
    for sides in SIDES:
        if len(sides) == len(own.input) - 1 and sides[-1] < own.input[-1]:
            try:
                return archprof.load(name, input=(own.input[0], *sides)).graph
            except ProblemError:
                continue
    return own
