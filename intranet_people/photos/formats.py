"""What a photo may be when it comes, and what it is when it is served."""

from __future__ import annotations

SIZES = (64, 128, 256, 512)
"""Edges of the square renditions, in pixels: each shown size once more for sharp screens."""
