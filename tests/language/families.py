"""Specs of a network and of a family, for tests that load and find them."""

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
  resnet50: {depths: [3, 4], width: 8, title: ResNet-50, aliases: r50, input: 3x64x64,
    expect: {depth: 3}}
"""
