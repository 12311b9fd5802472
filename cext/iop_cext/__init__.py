"""C kernels with a thin Cython edge; every one has a pure reference in iop."""
