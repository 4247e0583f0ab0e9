"""Coming meetings, stored in the database from people's calendars."""
