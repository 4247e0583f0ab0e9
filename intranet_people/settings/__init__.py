"""The PEOPLE_ settings: read once, checked, and each with its sentence."""
