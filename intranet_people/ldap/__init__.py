"""The directory, as plain values; `connection` alone imports ldap3."""
