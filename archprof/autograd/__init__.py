"""A step of training without data: what torch's kernels make, what autograd keeps, and when each of
these tensors is freed.
"""
