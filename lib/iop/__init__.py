"""iop: identity, credentials, coin and connections that belong to people. The core library."""

__version__ = "0.1.0"
