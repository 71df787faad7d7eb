"""What one output element costs, in FLOPs, by op: the whole table, printed by `archprof
conventions`.

A transcendental function counts 1 step of its formula; everything else counts its additions,
multiplications and comparisons. Convolutions, linear layers and matrix products count 2 per MAC and
1 per bias add and are in no table.
"""

RATES: dict[str, int] = {
    # activations: per output element
    "relu": 1,  # max(x, 0)
    "relu6": 1,  # clamp
    "leaky_relu": 2,  # compare, multiply
    "prelu": 2,
    "sigmoid": 4,  # negate, exp, add, divide
    "tanh": 5,
    "silu": 5,  # sigmoid and a multiply
    "gelu": 5,  # x/2 * (1 + erf(x/sqrt 2))
    "gelu_tanh": 9,
    "hardsigmoid": 4,  # add, clamp twice, divide
    "hardswish": 5,
    "softmax": 5,  # max, subtract, exp, sum, divide
    "log_softmax": 5,  # max, subtract, exp, sum, subtract; the logarithm is one for each row
    "elu": 4,  # compare, exp, subtract 1, times alpha
    "celu": 5,  # the same of x / alpha
    "selu": 5,  # elu and a multiply
    "softplus": 5,  # times beta, exp, add 1, log, divide by beta
    "mish": 5,  # x * tanh(log(1 + exp(x)))
    "logsigmoid": 5,  # negate, exp, add 1, log, negate
    "hardtanh": 1,  # clamp
    "softsign": 3,  # |x|, add 1, divide
    "glu": 5,  # sigmoid and a multiply
    # normalization: per output element, in evaluation
    "batch_norm1d": 2,
    "batch_norm2d": 2,  # one multiply, one add: the statistics are constants
    "batch_norm3d": 2,
    "instance_norm1d": 7,
    "instance_norm2d": 7,
    "instance_norm3d": 7,
    "layer_norm": 7,
    "group_norm": 7,
    "rms_norm": 4,
    "normalize": 3,  # square, sum, divide
    "global_response_norm": 8,
    "global_response_norm2d": 8,
    # merges and scales: per output element
    "add": 1,
    "multiply": 1,
    "scale": 1,
    "scale_by": 1,
    # arithmetic: per output element
    "subtract": 1,
    "divide": 1,
    "maximum": 1,
    "minimum": 1,
    "pow": 1,
    "exp": 1,
    "log": 1,
    "sqrt": 1,
    "abs": 1,
    "sin": 1,
    "cos": 1,
    "clamp": 1,
    "shift_by": 1,
    # resizing: per output element
    "interpolate_linear": 3,  # 2 products, 1 sum
    "interpolate_bilinear": 7,  # 4 products, 3 sums
    "interpolate_trilinear": 15,
    "interpolate_bicubic": 31,
    # moves data only
    "interpolate_nearest": 0,
    "concat": 0,
    "slice": 0,
    "split": 0,
    "chunk": 0,
    "select": 0,
    "flatten": 0,
    "reshape": 0,
    "permute": 0,
    "pad": 0,
    "pad_same": 0,
    "roll": 0,
    "channel_shuffle": 0,
    "pixel_shuffle": 0,
    "pixel_unshuffle": 0,
    "window_partition": 0,
    "window_reverse": 0,
    "window_mask": 0,  # a constant
    "relative_position_bias": 0,
    "identity": 0,
    "parameter": 0,
    "buffer": 0,
    "position_encoding2d": 0,  # a constant
    "embedding": 0,  # looks up
    # off in evaluation
    "dropout": 0,
    "dropout1d": 0,
    "dropout2d": 0,
    "dropout3d": 0,
    "drop_path": 0,
}

FORMULAS: dict[str, str] = {
    "conv1d, conv2d, conv3d, table_conv2d, std_conv2d, scaled_std_conv2d, blur_pool2d,"
    " conv_transpose1d, conv_transpose2d, conv_transpose3d, linear": ("2 per MAC, 1 per bias add"),
    "deform_conv2d": (
        "2 per MAC, 1 per bias add; per element sampled the 7 of a bilinear resize, 1 for a mask"
    ),
    "matmul": "2 per MAC",
    "einsum": "2 per MAC; without a sum 1 per output element, of one input 1 per element summed",
    "attention, multihead_attention": (
        "2 per MAC, 1 per bias add; per score 1 to scale and the softmax's 5"
    ),
    "lstm, gru, rnn": (
        "2 per MAC, 1 per bias add; per unit and step lstm 30, gru 21, rnn 6, with relu 2"
    ),
    "local_response_norm": "2*size + 3 per output element",
    "mean, sum, max, min": "1 per INPUT element",
    "norm": "2 per INPUT element, 1 per output element, none of these with p: 1",
    "max_pool1d, max_pool2d, max_pool3d": "k*k - 1 comparisons per output element",
    "avg_pool1d, avg_pool2d, avg_pool3d": "k*k per output element",
    "adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d": (
        "to size 1: 1 per INPUT element; otherwise the elements of each window, as in the mode area"
        " of interpolate"
    ),
    "adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d": (
        "a comparison less than each window has elements"
    ),
}

PER_UNIT_AND_STEP: dict[str, int] = {
    # 4 sums of two products, 3 sigmoids of 4, 2 tanhs of 5, 3 products and a sum
    "lstm": 30,
    # 3 sums of two products, 2 sigmoids of 4, a tanh of 5, r*h, (1 - z)*n + z*h
    "gru": 21,
    "rnn_tanh": 6,  # the sum of two products, a tanh of 5
    "rnn_relu": 2,
}
"""What a unit of a recurrent layer costs per step, in FLOPs, beside products and biases."""
