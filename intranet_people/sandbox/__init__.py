"""Child processes with limits on memory and time, to read photos and calendars."""
