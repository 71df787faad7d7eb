"""A network that is not a shipped one.

`network:` puts a whole shipped network in place of a layer, by its name or
alias; `archprof list` shows them.

PASS:
```yaml
name: net
input: 3x224x224
layers: [{network: resnet18}]
```

FAIL:
```yaml
name: net
input: 3x224x224
layers: [{network: resnet17}]
```
"""
