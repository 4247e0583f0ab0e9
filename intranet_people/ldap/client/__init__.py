"""Connections by ldap3. No other folder imports ldap3, because its defaults are unsafe.

Here certificates and host names are verified, referrals are never followed (they would get the
password), every wait has a timeout, and every result code is checked. ldap3 connects, binds and
encodes requests; `wire` and `messages` read the answers of searches, ten times as fast.
"""
