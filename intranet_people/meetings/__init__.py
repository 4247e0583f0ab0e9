"""From calendars to coming meetings, read ahead."""
