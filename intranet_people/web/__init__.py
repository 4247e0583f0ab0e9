"""What every view shares: the viewer, rendering, security headers, errors."""
