"""What torch, Keras, TensorFlow, Caffe, ONNX and JAX call archprof's operations, and the way out
for those that it has not.
"""

from __future__ import annotations

from archprof.vocabulary import Vocabulary

OPS = Vocabulary(
    {
        "conv2d": "conv convolution convolution2d",
        "conv_transpose1d": "Conv1DTranspose deconv1d transposed_conv1d",
        "conv_transpose3d": "Conv3DTranspose deconv3d transposed_conv3d",
        "conv_transpose2d": (
            "conv_transpose Conv2DTranspose deconv deconvolution deconv2d transposed_conv2d"
        ),
        "deform_conv2d": "DeformConv DCN DCNv2 ModulatedDeformConv2d",
        "std_conv2d": "ws_conv2d weight_standardized_conv2d",
        "linear": "Dense InnerProduct fc fully_connected Gemm affine",
        "max_pool2d": "MaxPool MaxPooling2D max_pooling",
        "avg_pool2d": (
            "AveragePool AveragePooling2D AvgPool average_pooling avg_pooling mean_pool2d"
        ),
        "adaptive_avg_pool2d": "adaptive_avg_pool adaptive_average_pool2d",
        "adaptive_max_pool2d": "adaptive_max_pool",
        "instance_norm2d": "InstanceNorm InstanceNormalization",
        "dropout2d": "SpatialDropout2D FeatureDropout",
        "batch_norm2d": (
            "BatchNormalization BatchNorm bn bn2d SyncBatchNorm FusedBatchNorm FrozenBatchNorm2d"
        ),
        "layer_norm": "LayerNormalization ln",
        "group_norm": "GroupNormalization gn",
        "rms_norm": "RMSNormalization",
        "local_response_norm": "LRN LocalResponseNormalization",
        "global_response_norm": "GRN GlobalResponseNormalization",
        "leaky_relu": "lrelu RReLU",
        "silu": "swish",
        "hardswish": "h_swish hard_silu",
        "hardsigmoid": "h_sigmoid",
        "sigmoid": "logistic",
        "mean": "ReduceMean",
        "max": "amax ReduceMax",
        "min": "amin ReduceMin",
        "normalize": "UnitNormalization l2_normalize L2Norm LpNormalization",
        "matmul": "bmm mm dot_product",
        "softmax": "Softmax2d",
        "elu": "exponential_linear_unit",
        "glu": "gated_linear_unit",
        "add": "addition plus AddV2 residual shortcut skip",
        "multiply": "mul product prod",
        "subtract": "sub minus difference",
        "divide": "div true_divide quotient",
        "clamp": "clip clip_by_value",
        "pow": "power square",
        "concat": "Concatenate cat ConcatV2",
        "reshape": "view unflatten squeeze unsqueeze expand_dims",
        "permute": "transpose swapaxes movedim rearrange",
        "pad": "ZeroPad2d ZeroPadding2D ConstantPad2d padding",
        "slice": "crop CenterCrop Cropping2D narrow StridedSlice",
        "interpolate": (
            "Upsample UpSampling2D Resize ResizeBilinear UpsamplingNearest2d UpsamplingBilinear2d"
        ),
        "pixel_shuffle": "DepthToSpace",
        "pixel_unshuffle": "SpaceToDepth",
        "channel_shuffle": "ShuffleChannel",
        "multihead_attention": "mha self_attention",
        "attention": "ScaledDotProductAttention sdpa",
        "drop_path": "StochasticDepth",
        "identity": "noop",
        "buffer": "constant Const register_buffer full zeros arange linspace",
        "scale": "LayerScale gamma",
        "embedding": "embed word_embedding lookup_table EmbeddingBag",
        "lstm": "CuDNNLSTM LSTMCell",
        "rnn": "SimpleRNN RNNCell",
    },
    {
        "Softshrink Hardshrink Tanhshrink Threshold Snake ReGLU squareplus": (
            "the activations here: relu, gelu, silu, elu, mish, softplus; all are in `archprof ops`"
        ),
        "QuickGELU": "`scale_by` with `factor: 1.702`, `sigmoid`, then `multiply` with the input",
        "CReLU": "a `relu`, a `relu` behind `scale_by` with `factor: -1`, and `concat`",
        "Activation activation_fn act nonlinearity": (
            "an activation is the op itself, such as {op: relu}"
        ),
        "SwiGLU GeGLU": "`chunk` in 2, an activation on one, `multiply`; `glu` has a sigmoid",
        "normalization": (
            "the norms here: batch_norm2d, layer_norm, layer_norm2d, group_norm, instance_norm2d,"
            " rms_norm, local_response_norm, normalize"
        ),
        "pool pooling pool2d LPPool2d FractionalMaxPool2d MaxUnpool2d": (
            "the poolings here: max_pool2d, avg_pool2d, adaptive_avg_pool2d, adaptive_max_pool2d"
        ),
        "GlobalAveragePool GlobalAveragePooling2D GlobalAvgPool global_avg_pool2d gap": (
            "`adaptive_avg_pool2d` with `size: 1` is the mean over height and width"
        ),
        "GlobalMaxPool GlobalMaxPooling2D": (
            "`adaptive_max_pool2d` with `size: 1` is the largest over height and width"
        ),
        "DepthwiseConv2D depthwise_conv depthwise": "a conv2d with `groups: $channels`",
        "SeparableConv2D separable_conv": (
            "a conv2d with `groups: $channels`, then a conv2d with `kernel: 1`"
        ),
        "cross_attention": (
            "`attention` takes queries, keys and values from different layers: from: [q, k, v]"
        ),
        "sinh cosh tan atan log2 expm1": "functions here: pow, exp, log, sqrt, abs, sin, cos",
        "neg reciprocal rsqrt": "`scale_by` with `factor: -1`; `pow` with `exponent: -1` or -0.5",
        "Eltwise": "`add` or `multiply`",
        "unbind tensor_split": "`split` and `chunk` take a tensor apart",
        "stack": "`concat` joins along a dimension that is there; `reshape` makes one",
        "ReflectionPad2d": "`pad` with `mode: reflect`",
        "ReplicationPad2d": "`pad` with `mode: replicate`",
        "CircularPad2d": "`pad` with `mode: circular`",
        "AlphaDropout FeatureAlphaDropout": (
            "`dropout` is nearest, `dropout2d` drops whole channels; none of them costs anything in"
            " evaluation"
        ),
        "unfold fold im2col": "`slice` for each place of the window, joined by `concat`",
        "expand repeat tile": "`identity` with repeat: N and parallel: true, joined by `concat`",
        "gather index_select take": "`select` takes one of a dimension, `embedding` learned rows",
        "flip": "`select` for each place, joined by `concat` in the other order",
        "std var": "`mean`, `subtract`, `pow`, `mean`; `sqrt` for the deviation",
        "rope rotary": "`multiply` by a `buffer` of cosines and by one of sines, and `add`",
        "Sequential ModuleList layers": "layers in a row are a list of layers, without an op",
        "SE SqueezeExcite SqueezeExcitation SEBlock": (
            "it is a block: use: blocks/squeeze_excitation.yaml"
        ),
        "Input InputLayer Placeholder": (
            "the network's `input:` says its shape; layers name it `input` in `from`"
        ),
    },
)
"""Operations. What a note names, `tests/test_foreign.py` looks for in the table of ops."""
