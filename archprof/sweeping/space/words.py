"""The words of a space file, and those of other tools for the same things."""

from __future__ import annotations

from archprof.foreign import BUDGETS
from archprof.sweeping.conditions import SweepConditions
from archprof.sweeping.space.bounds import BOUNDS, FIELD, QUANTITIES
from archprof.vocabulary import Vocabulary

TOP = (
    "name",
    "title",
    "source",
    "network",
    "space",
    "let",
    "set",
    "where",
    "budget",
    "conditions",
    "sample",
    "front",
)
"""The keys of a space file."""

NEEDED = ("name", "network", "space")

NEEDS = (
    "a space has at least `name`, `network` and `space`, such as"
    " space: {depths: [1..8, 1..8, 1..40, 1..8]}"
)

RANGE = ("range", "step", "log")
ENTRY = (*RANGE, "choice", "when")
"""The keys of what a parameter is drawn from."""

PARAMETER = (*ENTRY, "each")
CONDITIONS = tuple(name for name in SweepConditions._names if name != "room")
SAMPLE = ("grid", "random", "sobol", "seed")

KEYS = Vocabulary(
    {
        "network": "base base_cfg base_config model spec architecture backbone",
        "space": (
            "search_space searchspace param_space parameters params samplers config hyperparameters"
            " axes ranges"
        ),
        "let": "derived vars locals define computed",
        "set": "with args arguments overrides values",
        "where": "conditions_on filter constraints constraint require such_that",
        "budget": "limits limit targets",
        "conditions": "condition settings under",
        "sample": "sampling method sampler num_samples num_configs n_trials samples strategy setup",
        "front": "objectives objective metric metrics pareto goal minimize maximize",
        "title": "description",
        "source": "reference url paper link arxiv",
    },
    {
        "variants": "a space has the variants that its `space:` gives",
        "seed": "`sample` has it: sample: {random: 1M, seed: 7}",
        "input": (
            "an input that differs is a parameter: space: {input: {range: 128..384, step: 32}};"
            " another one for all is set: {input: 320}"
        ),
        "layers blocks": "a space names its `network`; a spec is a file of its own",
        "batch dtype count optimizer ema amp freeze checkpoint accumulate device train": (
            "it is one of `conditions`: conditions: {batch: 32}"
        ),
    },
)
"""Keys of a space file: pycls' SETUP, SAMPLERS and BASE_CFG, Ray's param_space, NNI's
searchSpace.
"""

ENTRIES = Vocabulary(
    {
        "range": "interval bounds uniform quniform randint int float between suggest_int",
        "step": "q quantize quantum increment stride",
        "choice": "choices values options categorical grid_search grid_values _value value enum",
        "log": "log_uniform loguniform log_scale logarithmic",
        "when": "if condition cond parent_values",
        "each": "repeat times n count size length",
    },
    {
        "low high min max min_value max_value lower upper vmin vmax start stop end": (
            "both ends are one text: range: 1..8"
        ),
        "_type type rand_type distribution dist sampling": (
            "the kind is the key itself: {range: 1..8}, {range: 16..256, log: true} or"
            " {choice: [1, 2, 4]}"
        ),
        "default init mean sigma std": "every point is as likely as any other: omit it",
        "sample_from func lambda": "a derived value is an expression under `let:` or `set:`",
    },
)
"""Keys of what a parameter is drawn from: pycls' RAND_TYPE and QUANTIZE, Optuna's low and high,
NNI's _type and _value, Ray's grid_search, the `values` of Weights & Biases.
"""

SAMPLES = Vocabulary(
    {
        "grid": "all full exhaustive enumerate",
        "random": "n count size num samples trials num_samples n_trials uniform",
        "sobol": "quasi_random qmc quasirandom halton",
        "seed": "rng random_state random_seed rng_seed",
    },
    {
        "nsga2 tpe bayes bayesian evolution hyperband": (
            "a search is no sample: `archprof sweep --search` runs one"
        ),
    },
)
"""Keys of `sample:`."""

LIMITS = Vocabulary(
    {f"max_{name}": name for name in QUANTITIES if name != FIELD}
    | {word: words for word, words in BUDGETS.called.items() if word in BOUNDS},
    {
        "max_latency_ms latency latency_ms max_latency": (
            "a budget is of totals; a latency is measured, or predicted beside its error"
        ),
    },
)
"""Limits of `budget:`."""

CONDITION_WORDS = Vocabulary(
    {
        "batch": "batch_size batchsize n images",
        "dtype": "precision type",
        "count": "convention counting",
        "optimizer": "optim solver",
    },
    {"input": "an input is a parameter of the space, or set: {input: 320}"},
)
"""Keys of `conditions:`."""
