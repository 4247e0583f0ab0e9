"""The directory, as plain values; `client` alone imports ldap3."""
