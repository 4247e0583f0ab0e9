"""nginx in front of a server on 127.0.0.1, for any user (Debian: nginx-light)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import ServerError, find_program, free_port, serving

FROM = "127.0.0.2"
"""Where its own connections come from, to be told from everybody else's."""


def missing_package() -> str | None:
    return None if find_program(["nginx"]) else "nginx-light"


@contextmanager
def nginx(folder: Path, upstream: str, passwords: Mapping[str, str]) -> Iterator[str]:
    """Its URL. It asks for one of `passwords`, by name, and tells `upstream` in X-Remote-User.

    At /asked it asks another server, on `upstream` too, by `auth_request`; at /canteen it asks
    nobody, and says that the app is below that.
    """
    program = find_program(["nginx"])
    if program is None:
        raise ServerError("nginx is not installed")
    port, log = free_port(), folder / "log"
    users = "".join(f"{name}:{{PLAIN}}{word}\n" for name, word in passwords.items())
    (folder / "users").write_text(users)
    configuration = folder / "nginx.conf"
    configuration.write_text(_configuration(folder, port, upstream))
    log.touch()
    with serving([program, "-p", folder, "-e", log, "-c", configuration], port, log):
        yield f"http://127.0.0.1:{port}"


def _configuration(folder: Path, port: int, upstream: str) -> str:
    places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f"{p}_temp_path {folder / p};" for p in places)
    return f"""\
daemon off;
master_process off;
pid {folder / "pid"};
error_log {folder / "log"};
events {{ worker_connections 64; }}
http {{
    access_log off;
    {temporary}
    proxy_bind {FROM};
    server {{
        listen 127.0.0.1:{port};
        location / {{
            auth_basic "Northwind";
            auth_basic_user_file {folder / "users"};
            proxy_pass {upstream};
            proxy_set_header Host $host:$server_port;
            proxy_set_header X-Remote-User $remote_user;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
        location /asked/ {{
            auth_request /who;
            auth_request_set $user $upstream_http_x_user;
            proxy_pass {upstream}/;
            proxy_set_header X-Remote-User $user;
        }}
        location /canteen/ {{
            proxy_pass {upstream}/;
            proxy_set_header Host $host:$server_port;
            proxy_set_header X-Forwarded-Prefix /canteen;
        }}
        location = /who {{
            internal;
            proxy_pass http://127.0.0.1:{port}/says;
        }}
        location = /says {{
            add_header X-User tomas;
            return 204;
        }}
    }}
}}
"""
