"""The tests; and the one key with which their apps sign sessions."""

SECRET_KEY = "of the tests, and of no other app"
