"""Whether torch, fvcore, autograd and gradients confirm the numbers."""
