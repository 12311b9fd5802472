"""HTTP: serve connection app body · router dispatch reply payload streaming · parameter pagination height_text · client quota rate ·
description openapi."""
