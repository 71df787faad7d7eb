"""A network in a form that others read: a spec, code, ONNX, a picture, data."""
