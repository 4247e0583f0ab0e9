"""An OpenID Connect provider on a free loopback port, which signs in whomever the test says.

Authorization code flow (OpenID Connect Core 3.1), with discovery, keys, userinfo and sign-out.
"""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from tests.servers.rsa import Key, base64url
from tests.servers.web import serve

CLIENT, SECRET = "people", "between-the-two"


class OpenID:
    """What it says of who signs in, in the ID token and as userinfo; `claims` are the test's.

    signed_by  the key of the ID token; its own, unless a test gives it another
    lies       claims of the ID token that are not as they should be
    signed_out how many times somebody was sent to sign out there
    """

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self.claims: dict[str, object] = {}
        self.lies: dict[str, object] = {}
        self.key = self.signed_by = Key(folder, "provider")
        self.signed_out = 0
        self._nonces: dict[str, str] = {}
        self.app = Flask("openid", static_folder=None)
        for path, view in (
            ("/.well-known/openid-configuration", self._configuration),
            ("/keys", self._keys),
            ("/authorize", self._authorize),
            ("/userinfo", self._userinfo),
            ("/sign-out", self._sign_out),
        ):
            self.app.add_url_rule(path, view_func=view, endpoint=path)
        self.app.add_url_rule("/token", view_func=self._token, methods=["POST"])

    def says(self, **claims: object) -> None:
        """Of whoever signs in from now on; nothing that is not true."""
        self.claims, self.lies, self.signed_by = {"sub": "4711"} | claims, {}, self.key

    def _configuration(self) -> ResponseReturnValue:
        places = {
            "authorization": "authorize",
            "token": "token",
            "userinfo": "userinfo",
            "end_session": "sign-out",
        }
        return {f"{name}_endpoint": f"{self.url}/{path}" for name, path in places.items()} | {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _keys(self) -> ResponseReturnValue:
        modulus, exponent = map(base64url, (self.key.modulus, self.key.exponent))
        return {"keys": [{"kty": "RSA", "use": "sig", "kid": "1", "n": modulus, "e": exponent}]}

    def _authorize(self) -> ResponseReturnValue:
        code = secrets.token_urlsafe()
        self._nonces[code] = request.args["nonce"]
        back = {"code": code, "state": request.args["state"]}
        return redirect(f"{request.args['redirect_uri']}?{urlencode(back)}")

    def _token(self) -> ResponseReturnValue:
        who = request.authorization
        assert who is not None
        assert (who.username, who.password) == (CLIENT, SECRET)
        now = int(time.time())
        ours = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60}
        ours["nonce"] = self._nonces.pop(request.form["code"])
        header = {"alg": "RS256", "typ": "JWT", "kid": "1"}
        said = ".".join(_part(part) for part in (header, ours | self.claims | self.lies))
        token = f"{said}.{base64url(self.signed_by.sign(said.encode()))}"
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token}

    def _userinfo(self) -> ResponseReturnValue:
        return self.claims

    def _sign_out(self) -> ResponseReturnValue:
        self.signed_out += 1
        return redirect(request.args["post_logout_redirect_uri"])


def _part(values: object) -> str:
    return base64url(json.dumps(values).encode())


@contextmanager
def openid(folder: Path) -> Iterator[OpenID]:
    """It, while it answers at its `url`."""
    provider = OpenID(folder)
    with serve(provider.app) as provider.url:
        yield provider
