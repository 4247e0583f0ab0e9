"""Hi before the meeting: who will be there, and a first word to those one has not met."""
