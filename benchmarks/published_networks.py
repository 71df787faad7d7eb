"""What was published of RegNets and EfficientNets: their parameters, and figures as printed."""

from __future__ import annotations

from typing import NamedTuple


class RegNet(NamedTuple):
    """A network of configs/dds_baselines of github.com/facebookresearch/pycls; GFLOPs (of one
    operation for each multiplication), millions of parameters and of activations are as its
    MODEL_ZOO.md prints them, and so in Tables 12 and 13 of the paper.
    """

    name: str
    depth: int
    w0: int
    wa: float
    wm: float
    group: int
    se_ratio: float
    gflops: float
    params: float
    activations: float

    @property
    def regime(self) -> float:
        """The FLOPs that its name says."""
        number = self.name.partition("-")[2]
        return float(number[:-2]) * (1e6 if number.endswith("MF") else 1e9)


REGNETS = (
    RegNet("X-200MF", 13, 24, 36.44, 2.49, 8, 0.0, 0.2, 2.7, 2.2),
    RegNet("X-400MF", 22, 24, 24.48, 2.54, 16, 0.0, 0.4, 5.2, 3.1),
    RegNet("X-600MF", 16, 48, 36.97, 2.24, 24, 0.0, 0.6, 6.2, 4.0),
    RegNet("X-800MF", 16, 56, 35.73, 2.28, 16, 0.0, 0.8, 7.3, 5.1),
    RegNet("X-1.6GF", 18, 80, 34.01, 2.25, 24, 0.0, 1.6, 9.2, 7.9),
    RegNet("X-3.2GF", 25, 88, 26.31, 2.25, 48, 0.0, 3.2, 15.3, 11.4),
    RegNet("X-4.0GF", 23, 96, 38.65, 2.43, 40, 0.0, 4.0, 22.1, 12.2),
    RegNet("X-6.4GF", 17, 184, 60.83, 2.07, 56, 0.0, 6.5, 26.2, 16.4),
    RegNet("X-8.0GF", 23, 80, 49.56, 2.88, 120, 0.0, 8.0, 39.6, 14.1),
    RegNet("X-12GF", 19, 168, 73.36, 2.37, 112, 0.0, 12.1, 46.1, 21.4),
    RegNet("X-16GF", 22, 216, 55.59, 2.1, 128, 0.0, 15.9, 54.3, 25.5),
    RegNet("X-32GF", 23, 320, 69.86, 2.0, 168, 0.0, 31.7, 107.8, 36.3),
    RegNet("Y-200MF", 13, 24, 36.44, 2.49, 8, 0.25, 0.2, 3.2, 2.2),
    RegNet("Y-400MF", 16, 48, 27.89, 2.09, 8, 0.25, 0.4, 4.3, 3.9),
    RegNet("Y-600MF", 15, 48, 32.54, 2.32, 16, 0.25, 0.6, 6.1, 4.3),
    RegNet("Y-800MF", 14, 56, 38.84, 2.4, 16, 0.25, 0.8, 6.3, 5.2),
    RegNet("Y-1.6GF", 27, 48, 20.71, 2.65, 24, 0.25, 1.6, 11.2, 8.0),
    RegNet("Y-3.2GF", 21, 80, 42.63, 2.66, 24, 0.25, 3.2, 19.4, 11.3),
    RegNet("Y-4.0GF", 22, 96, 31.41, 2.24, 64, 0.25, 4.0, 20.6, 12.3),
    RegNet("Y-6.4GF", 25, 112, 33.22, 2.27, 72, 0.25, 6.4, 30.6, 16.4),
    RegNet("Y-8.0GF", 17, 192, 76.82, 2.19, 56, 0.25, 8.0, 39.2, 18.0),
    RegNet("Y-12GF", 19, 168, 73.36, 2.37, 112, 0.25, 12.1, 51.8, 21.4),
    RegNet("Y-16GF", 18, 200, 106.23, 2.48, 112, 0.25, 15.9, 83.6, 23.0),
    RegNet("Y-32GF", 20, 232, 115.89, 2.53, 232, 0.25, 32.3, 145.0, 30.3),
)


class EfficientNet(NamedTuple):
    """A network of Table 2 of arXiv 1905.11946, with the coefficients of its authors' code:
    github.com/tensorflow/tpu, models/official/efficientnet/efficientnet_builder.py.
    """

    name: str
    width: float
    depth: float
    side: int
    params: str
    gflops: str


EFFICIENTNETS = (
    EfficientNet("B0", 1.0, 1.0, 224, "5.3", "0.39"),
    EfficientNet("B1", 1.0, 1.1, 240, "7.8", "0.70"),
    EfficientNet("B2", 1.1, 1.2, 260, "9.2", "1.0"),
    EfficientNet("B3", 1.2, 1.4, 300, "12", "1.8"),
    EfficientNet("B4", 1.4, 1.8, 380, "19", "4.2"),
    EfficientNet("B5", 1.6, 2.2, 456, "30", "9.9"),
    EfficientNet("B6", 1.8, 2.6, 528, "43", "19"),
    EfficientNet("B7", 2.0, 3.1, 600, "66", "37"),
)
