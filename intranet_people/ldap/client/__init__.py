"""What speaks to a server by ldap3, which no other folder imports.

ldap3's defaults are unsafe, so everything goes through here: certificates and host
names are verified, referrals are never followed (they would be sent the password),
every wait ends, and the result code of every answer is read. It opens, binds and writes
requests; what a search answers is read by `wire` and `messages`, in a tenth of its time.
"""
