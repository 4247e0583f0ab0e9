"""Child processes with limits, for what can hang or crash: photos and calendars."""
