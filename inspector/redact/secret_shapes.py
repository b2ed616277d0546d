"""How secrets look, and what they are called: the rules of masking, as data.

The prefixes and lengths are those that the services publish, and that the secret scanners gitleaks,
TruffleHog and GitHub look for.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CREDENTIAL_NAMES", "OPEN_TOKEN_NAMES", "PARAMETER_NAMES", "SHAPES", "TOKEN_NAMES", "Shape"]

_URL_SAFE = "A-Za-z0-9_-"
_ALNUM = "A-Za-z0-9"
_DASHED = "A-Za-z0-9-"
_CAPITALS = "A-Z0-9"
_HEX = "a-f0-9"
_DOTTED = "A-Za-z0-9_.-"
_TOKEN68 = "A-Za-z0-9._~+/=-"  # RFC 9110, section 11.2


class Shape(NamedTuple):
    """A kind of key: `prefixes`, one of which begins it, and at least `least` characters of the class `run`.

    `clear`: the prefix says by itself that a key follows, so a few characters of the key decide. Otherwise
    the key must have a digit. `most` is the length of the rest if it is fixed, and a longer run is no key.
    """

    prefixes: tuple[str, ...]
    run: str
    least: int
    clear: bool = True
    most: int | None = None


def _shape(prefixes: str, run: str, least: int, *, clear: bool = True, most: int | None = None) -> Shape:
    return Shape(tuple(prefixes.split()), run, least, clear, most)


SHAPES = (
    # Models
    _shape("sk-ant-", _URL_SAFE, 8),
    _shape("sk-proj- sk-svcacct- sk-admin- sk-service- sk-or-v1- sk-lf- pk-lf-", _URL_SAFE, 16),
    _shape("sk-", _ALNUM, 20, clear=False),
    _shape("gsk_ pplx- fw_ r8_", _ALNUM, 24, clear=False),
    _shape("xai-", _ALNUM, 40, clear=False),
    _shape("hf_", _ALNUM, 30, clear=False),
    _shape("api_org_", _ALNUM, 30),
    _shape("nvapi-", _URL_SAFE, 40),
    _shape("tvly-", _URL_SAFE, 20, clear=False),
    _shape("lsv2_pt_ lsv2_sk_", _URL_SAFE, 32),
    _shape("phc_ phx_", _ALNUM, 32, clear=False),
    # Code and packages
    _shape("ghp_ gho_ ghu_ ghs_ ghr_", _ALNUM, 36),
    _shape("github_pat_", _URL_SAFE, 22),
    _shape("glpat- gldt- glptt- glrt- glsoat- glcbt- glft- glimt- glagent- gloas-", _URL_SAFE, 20),
    _shape("npm_", _ALNUM, 36, clear=False),
    _shape("pypi-AgE", _URL_SAFE, 50),
    _shape("rubygems_", _HEX, 48),
    _shape("dckr_pat_ dckr_oat_", _URL_SAFE, 20),
    _shape("CLOJARS_", _HEX, 60),
    _shape("ATATT3 ATCTT3 ATBB", "=" + _URL_SAFE, 24, clear=False),
    _shape("sntryu_", _HEX, 64),
    _shape("sntrys_eyJ", _TOKEN68, 40),
    # Clouds
    _shape("AKIA ASIA ABIA ACCA", _CAPITALS, 16, clear=False, most=16),
    _shape("AIza", _URL_SAFE, 35, clear=False, most=35),
    _shape("ya29.", _DOTTED, 20, clear=False),
    _shape("GOCSPX-", _URL_SAFE, 24),
    _shape("AccountKey=", "A-Za-z0-9+/=", 40),
    _shape("dop_v1_ doo_v1_ dor_v1_", _HEX, 64),
    _shape("hvs. hvb. hvr.", _URL_SAFE, 24, clear=False),
    _shape("dapi", _HEX, 32, clear=False),
    _shape("pul-", _HEX, 40, clear=False),
    _shape("dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", _DOTTED, 40, clear=False),
    _shape("dt0c01.", _CAPITALS + ".", 60),
    _shape("pscale_tkn_ pscale_pw_ pscale_oauth_", _DOTTED, 32),
    _shape("sbp_", _HEX, 40, clear=False),
    _shape("sb_secret_", _URL_SAFE, 20),
    _shape("glc_ glsa_", "A-Za-z0-9_+/=", 32),
    _shape("NRAK-", _CAPITALS, 27),
    _shape("AGE-SECRET-KEY-1", _CAPITALS, 58),
    # Talk, payment, mail, design
    _shape("xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe.xoxb- xoxe.xoxp-", _URL_SAFE, 10),
    _shape("xapp-", _DASHED, 20),
    _shape("hooks.slack.com/services/", "A-Za-z0-9+/", 20),
    _shape("sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_", _ALNUM, 10),
    _shape("whsec_", "A-Za-z0-9+/=", 24),
    _shape("shpat_ shpca_ shppa_ shpss_", "A-Fa-f0-9", 32),
    _shape("sq0atp- sq0csp-", _URL_SAFE, 22),
    _shape("SG.", _DOTTED, 50, clear=False),
    _shape("xkeysib-", _DASHED, 40),
    _shape("key-", _HEX, 32, clear=False),
    _shape("lin_api_ lin_oauth_", _ALNUM, 32),
    _shape("secret_", _ALNUM, 40, clear=False),
    _shape("ntn_", _ALNUM, 40, clear=False),
    _shape("figd_", _URL_SAFE, 38),
    _shape("PMAK-", _DASHED, 32),
)
"""Keys of services: https://github.com/gitleaks/gitleaks lists more, which no prefix tells from a word."""

CREDENTIAL_NAMES = (
    "api[_-]?key|api[_-]?token|api[_-]?secret|passwd|password|passphrase|pwd|pass[_-]?code"
    "|client[_-]?secret|secret[_-]?key|secret[_-]?access[_-]?key|private[_-]?key|signing[_-]?key"
    "|encryption[_-]?key|account[_-]?key|subscription[_-]?key|functions?[_-]?key|shared[_-]?secret"
    "|(?:access|auth|authorization|bearer|bot|id|oauth|personal|refresh|secret|security|session)[_-]?token"
    "|authorization|credential|connection[_-]?string|webhook[_-]?secret"
)
"""The ends of names whose strings are secrets, whatever they look like; case does not count."""

TOKEN_NAMES = "token|secret|jwt|cookie|credentials|session[_-]?key"
"""The ends of names whose strings are secrets if they look like one: a word may be called a token, too."""

OPEN_TOKEN_NAMES = "(?:credit|page|next|previous|sync|continuation|cursor|eos|bos|pad|stop|special)[_-]?token"
"""The ends of names whose strings open nothing: positions in lists and texts, the API's `credit` tokens."""

PARAMETER_NAMES = (
    "[a-z0-9_.~-]*(?:api-?key|secret|signature|password|passwd|credential)[a-z0-9_.~-]*|[a-z0-9_.~-]*token"
    "|(?:[a-z0-9_.~-]*[_.~-])?(?:key|sig|code|auth|pwd|pass|jwt|session|sas|otp)"
)
"""The names of a URL's parameters whose values are secrets; case does not count."""
