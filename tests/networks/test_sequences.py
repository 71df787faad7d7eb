"""The networks that read tokens, against modules of torch with their weights."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import archprof
from tests.networks import shared


def test_the_transformers_encoder_is_torchs() -> None:
    """Strict loading, the same numbers: embedding times sqrt(512), sines and cosines, layers."""
    module = archprof.load("transformer_base_encoder", input=12).build().eval()
    layer = nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True)
    theirs = nn.TransformerEncoder(layer, 6, enable_nested_tensor=False).eval()
    weights = module.state_dict()
    table = weights.pop("embedding.weight")
    theirs.load_state_dict(weights)
    tokens = torch.randint(37_000, (2, 12))
    # section 3.5: PE(pos, 2i) = sin(pos/10000^(2i/512)), PE(pos, 2i + 1) its cosine
    angles = torch.arange(12.0)[:, None] / 10_000 ** (torch.arange(0, 512, 2) / 512)
    position = torch.stack([angles.sin(), angles.cos()], -1).flatten(1)
    with torch.inference_mode():
        expected = theirs(table[tokens] * math.sqrt(512) + position)
        torch.testing.assert_close(module(tokens), expected, rtol=1e-4, atol=1e-4)


def test_the_language_model_is_torchs_lstm() -> None:
    module = archprof.load("zaremba_small").build().eval()
    assert [*module.state_dict()] == [
        "encoder.weight",
        *(
            f"rnn.{name}_{of}_l{layer}"
            for layer in (0, 1)
            for name in ("weight", "bias")
            for of in ("ih", "hh")
        ),
        "decoder.weight",
        "decoder.bias",
    ]
    rnn = nn.LSTM(200, 200, 2, batch_first=True)
    rnn.load_state_dict(module.rnn.state_dict())
    tokens = torch.randint(10_000, (2, 20))
    with torch.inference_mode():
        expected = module.decoder(rnn(module.encoder(tokens))[0])
        torch.testing.assert_close(module(tokens), expected)


@pytest.mark.parametrize(
    "key",
    [
        "positional_embedding",
        "text_projection",
        "logit_scale",
        "visual.class_embedding",
        "visual.positional_embedding",
        "visual.proj",
        "visual.conv1.weight",
        "visual.transformer.resblocks.11.attn.in_proj_weight",
        "visual.transformer.resblocks.0.mlp.c_fc.bias",
        "transformer.resblocks.3.attn.out_proj.bias",
        "token_embedding.weight",
        "ln_final.weight",
    ],
)
def test_keys_of_clip(key: str) -> None:
    weights = {
        node.weight_path(name): weight
        for node in shared.graph("clip_vit_b_32").nodes
        for name, weight in node.facts.weights.items()
    }
    # model.py of github.com/openai/CLIP
    shapes = {
        "logit_scale": (),
        "visual.proj": (768, 512),
        "visual.positional_embedding": (50, 768),
    }
    assert weights[key].shape == shapes.get(key, weights[key].shape)


def test_clip_compares_an_image_with_a_text() -> None:
    """The cosine of two directions, times exp(2.6593) = 14.29."""
    net = archprof.load("clip_vit_b_32")
    assert [one.name for one in net.graph.inputs] == ["image", "text"]
    module = net.build(device="meta")
    image = torch.zeros(2, 3, 224, 224, device="meta")
    text = torch.zeros(2, 77, dtype=torch.int64, device="meta")
    assert module(image=image, text=text).shape == (2, 1, 1)
