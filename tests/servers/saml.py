"""A SAML 2.0 identity provider on a free loopback port, which signs in whomever the test says.

Web browser SSO: asked by redirect, it answers with a form that is posted (SAML profiles, 4.1).
"""

import hashlib
import secrets
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from xml.etree.ElementTree import canonicalize, fromstring

from flask import Flask, request

from tests.servers.rsa import Key
from tests.servers.web import serve

METADATA = """\
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{url}/metadata">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing">
      <KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">
        <X509Data><X509Certificate>{certificate}</X509Certificate></X509Data>
      </KeyInfo>
    </KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
      Location="{url}/sign-in"/>
  </IDPSSODescriptor>
</EntityDescriptor>
"""
ASSERTION = """\
<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{id}" \
IssueInstant="{now}" Version="2.0"><saml:Issuer>{issuer}</saml:Issuer>\
<saml:Subject><saml:NameID>4711</saml:NameID>\
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">\
<saml:SubjectConfirmationData InResponseTo="{request}" NotOnOrAfter="{end}" \
Recipient="{recipient}"/></saml:SubjectConfirmation></saml:Subject>\
<saml:Conditions NotBefore="{begin}" NotOnOrAfter="{end}"><saml:AudienceRestriction>\
<saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
<saml:AuthnStatement AuthnInstant="{now}" SessionIndex="1"><saml:AuthnContext>\
<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password\
</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>\
<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"""
ATTRIBUTE = """\
<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>"""
RESPONSE = """\
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="{id}" \
InResponseTo="{request}" IssueInstant="{now}" Destination="{recipient}" Version="2.0">\
<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{issuer}</saml:Issuer>\
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>\
</samlp:Status>{assertion}</samlp:Response>"""
SIGNED_INFO = """\
<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\
<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>\
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>\
<ds:Reference URI="#{id}"><ds:Transforms>\
<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>\
<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>\
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>\
<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"""
SIGNATURE = """\
<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{signed_info}\
<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"""
FORM = """\
<form method="post" action="{recipient}">
<input name="SAMLResponse" value="{response}"><input name="RelayState" value="{state}">
</form>
"""


class IdentityProvider:
    """What it says of who signs in: `attributes`, by name.

    signed_by  the key of the assertion; its own, unless a test gives it another
    lies       what is not as it should be, by its name in ASSERTION
    forge      what happens to the assertion after it was signed
    """

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self.key = Key(folder, "provider")
        self.says()
        self.app = Flask("saml", static_folder=None)
        self.app.add_url_rule("/sign-in", view_func=self._sign_in)

    def says(self, **attributes: str) -> None:
        """Of whoever signs in from now on; nothing that is not true."""
        self.attributes, self.signed_by = attributes, self.key
        self.lies: dict[str, str] = {}
        self.forge: Callable[[str], str] = lambda assertion: assertion

    @property
    def metadata(self) -> str:
        return METADATA.format(url=self.url, certificate=self.key.certificate)

    def _sign_in(self) -> str:
        asked = fromstring(zlib.decompress(b64decode(request.args["SAMLRequest"]), -15))
        now = datetime.now(UTC)
        said = {
            "id": f"_{secrets.token_hex(16)}",
            "request": asked.attrib["ID"],
            "issuer": f"{self.url}/metadata",
            "recipient": asked.attrib["AssertionConsumerServiceURL"],
            "audience": asked.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer", ""),
            "begin": _time(now - timedelta(minutes=1)),
            "now": _time(now),
            "end": _time(now + timedelta(minutes=1)),
        }
        assertion = self.forge(self._assertion(said | self.lies))
        response = RESPONSE.format(**said | {"id": "_answer"}, assertion=assertion)
        return FORM.format(
            recipient=said["recipient"],
            response=b64encode(response.encode()).decode(),
            state=escape(request.args["RelayState"]),
        )

    def _assertion(self, said: dict[str, str]) -> str:
        """Signed, as part of itself (XML Signature, 8.1)."""
        attributes = "".join(
            ATTRIBUTE.format(name=name, value=escape(value))
            for name, value in self.attributes.items()
        )
        plain = canonicalize(ASSERTION.format(**said, attributes=attributes))
        digest = b64encode(hashlib.sha256(plain.encode()).digest()).decode()
        info = canonicalize(SIGNED_INFO.format(id=said["id"], digest=digest))
        value = b64encode(self.signed_by.sign(info.encode())).decode()
        issuer = "</saml:Issuer>"
        signature = SIGNATURE.format(signed_info=info, value=value)
        return plain.replace(issuer, issuer + signature, 1)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def identity_provider(folder: Path) -> Iterator[IdentityProvider]:
    """It, while it answers at its `url`."""
    provider = IdentityProvider(folder)
    with serve(provider.app) as provider.url:
        yield provider
