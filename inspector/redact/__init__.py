"""Keeping secrets out of files, terminals, logs and reports.

Headers pass by allow-list: a header that is not on the list loses its value, and only its name is kept
(`withheld`). Everything else is masked:

- by shape: what begins as the keys of well-known services do, JSON web tokens, `Bearer` and `Basic` values,
  and private keys (`secret_shapes` has the list);
- by name: JSON strings that are called `password`, `api_key` or `authorization_token`, what stands behind
  `MY_API_KEY=` and `x-api-key:`, the user part of a URL, and its parameters with such names;
- by value: whatever the request itself used to authenticate.

Ids become pseudonyms (`identifiers`, `pseudonyms`). What a user wants to lose besides is a `Redaction`.

A mask has the length of what it hides, in bytes, so byte offsets and chunk boundaries stay as they were.
It changes no quote and no half of an escape, so JSON stays JSON, and so do JSON strings in JSON strings.
"""

from inspector.redact.allowed_headers import allowed_headers
from inspector.redact.masks import Mask, load_search, mask_text, mask_url
from inspector.redact.message_content import ContentMask
from inspector.redact.patterns import PatternMask
from inspector.redact.pseudonyms import Pseudonyms, pseudonyms_for
from inspector.redact.redaction import CONTENT, KEEP_IDS, Redaction
from inspector.redact.scanning import scan

__all__ = [
    "CONTENT",
    "KEEP_IDS",
    "ContentMask",
    "Mask",
    "PatternMask",
    "Pseudonyms",
    "Redaction",
    "allowed_headers",
    "load_search",
    "mask_text",
    "mask_url",
    "pseudonyms_for",
    "scan",
]
