"""Sign-in: by the host, by the directory's password, by a server in front, or by Kerberos."""
