"""Faces: photos in the sizes that are served, initials for those who have none."""
