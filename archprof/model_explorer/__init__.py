"""An extension of Google's Model Explorer, which opens specs by it:
`model-explorer NET.yaml --extensions=archprof.model_explorer`.
"""
