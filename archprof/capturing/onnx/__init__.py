"""ONNX files, without torch: read, checked, their shapes worked out, and written as a tape."""
