"""Random networks of torch modules made by hand, compared with what archprof analyses, refuses
and builds: see __main__.py.
"""
