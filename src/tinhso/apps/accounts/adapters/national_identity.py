"""The national identity as a provider of the sign-in library.

OpenID Connect code flow with PKCE, but with addresses configured by hand (there is no discovery document), userinfo by
POST, and an id token that may be missing. Nothing of what comes back is stored by the library itself: `SocialAccount`
rows are never written, our own `IdentityLink` keeps the keys.
"""

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView, OAuth2LoginView
from allauth.utils import build_absolute_uri
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, get_random_string
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tinhso.apps.accounts.adapters.claims import read_claims

NONCE_KEY = "identity_nonce"
PROVIDER_ID = "national_identity"


class IdentityAnswerError(OAuth2Error):  # type: ignore[misc]  # the library has no types
    """The identity system answered something that may not be trusted."""


class NationalIdentityAdapter(OAuth2Adapter):  # type: ignore[misc]  # the library has no types
    """Speaks with the configured addresses."""

    provider_id = PROVIDER_ID

    def _setting(self, name: str, default: str = "") -> str:
        return str(self.get_provider().app.settings.get(name, default))

    @property
    def access_token_url(self) -> str:
        return self._setting("token_url")

    @property
    def authorize_url(self) -> str:
        return self._setting("authorize_url")

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return str(build_absolute_uri(request, reverse("access:identity_callback")))

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        nonce = request.session.pop(NONCE_KEY, "")
        claims = self._userinfo(token.token)
        id_token = kwargs["response"].get("id_token")
        if id_token:
            self._check_id_token(id_token, client_id=app.client_id, nonce=nonce, subject=str(claims.get("sub", "")))
        read = read_claims(claims, issuer=app.provider_id or PROVIDER_ID)
        return self.get_provider().sociallogin_from_response(request, read.to_json())

    def _userinfo(self, access_token: str) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            response = session.request(
                self._setting("userinfo_method", "POST"),
                self._setting("userinfo_url"),
                headers={"Authorization": f"Bearer {access_token}", "Accept": "application/json"},
            )
        response.raise_for_status()
        claims = response.json()
        if not isinstance(claims, dict):
            raise IdentityAnswerError("userinfo is not an object")
        return claims

    def _check_id_token(self, text: str, *, client_id: str, nonce: str, subject: str) -> None:
        try:
            token = jwt.decode(text, self._keys(), algorithms=["RS256", "ES256", "PS256"])
            checks = jwt.JWTClaimsRegistry(
                leeway=60,
                iss={"essential": True, "value": self._setting("issuer")},
                aud={"essential": True, "value": client_id},
                exp={"essential": True},
            )
            checks.validate(token.claims)
        except (JoseError, ValueError, KeyError) as error:
            raise IdentityAnswerError("the id token does not hold") from error
        if "nonce" in token.claims and not constant_time_compare(str(token.claims["nonce"]), nonce):
            raise IdentityAnswerError("the id token belongs to another sign-in")
        if subject and token.claims.get("sub") != subject:
            raise IdentityAnswerError("id token and userinfo speak of two people")

    def _keys(self) -> KeySet:
        with get_adapter().get_requests_session() as session:
            response = session.get(self._setting("keys_url"))
        response.raise_for_status()
        keys = response.json()
        if not isinstance(keys, dict) or "keys" not in keys:
            raise IdentityAnswerError("no keys")
        return KeySet.import_key_set(keys)  # type: ignore[arg-type]  # the shape is checked by the import itself


class NationalIdentityAccount(ProviderAccount):  # type: ignore[misc]  # the library has no types
    """How the library shows the account (it never does here)."""


class NationalIdentityProvider(OAuth2Provider):  # type: ignore[misc]  # the library has no types
    """Định danh điện tử quốc gia."""

    id = PROVIDER_ID
    name = "Định danh điện tử"
    account_class = NationalIdentityAccount
    oauth2_adapter_class = NationalIdentityAdapter
    pkce_enabled_default = True

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        return reverse("access:identity_sign_in")

    def get_callback_url(self) -> str:
        return reverse("access:identity_callback")

    def get_default_scope(self) -> list[str]:
        return ["openid"]

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """The scope is ours to say, not the address bar's."""
        return list(self.get_scope())

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        nonce = get_random_string(32)
        request.session[NONCE_KEY] = nonce
        return {"nonce": nonce, "acr_values": f"LoA{self.app.settings.get('level', 2)}"}

    def extract_uid(self, data: dict[str, Any]) -> str:
        return data["tech_id"] or data["personal_id"] or data["organisation_id"] or "unknown"

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}


sign_in = OAuth2LoginView.adapter_view(NationalIdentityAdapter)
callback = OAuth2CallbackView.adapter_view(NationalIdentityAdapter)
