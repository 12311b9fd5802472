"""The original's layer-1 interface under /api: routes schema ask description filter · blocks transactions accounts listing."""
