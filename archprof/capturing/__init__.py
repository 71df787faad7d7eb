"""Networks that are not specs: a tape of what a module or an ONNX file computes, to a graph."""
