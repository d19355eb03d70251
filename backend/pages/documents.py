"""Build the documents that a browser loads, and the headers that confine what a model writes to its frame.

There are three kinds. The shell has its own origin. The draft frame runs our scripts only. The live frame runs a
committed page's own scripts. docs/security.md says what each header is for.
"""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from backend.kit import bundle
from backend.markup.draft_html import LATENT
from backend.markup.sanitize import sanitise
from backend.pages.preamble import standard

WEB = Path(__file__).resolve().parents[2] / "web"
SANDBOX = "allow-scripts allow-forms"
ENDS_SCRIPT = re.compile(r"</script|<!--", re.IGNORECASE)
ONLY_FRAMED = "if(self===top)stop();"
TYPED = "require-trusted-types-for 'script'; trusted-types default"
"""The page's realm has only one Trusted Types policy, which is ours (web/static/frame/confine.js)."""
PAGE_SCRIPTS = ("confine.js", "plain.js", "storage.js", "select.js", "page.js")
"""The scripts in front of every committed page, in this order."""

DENIED = (
    "accelerometer", "browsing-topics", "camera", "captured-surface-control", "clipboard-read", "clipboard-write",
    "compute-pressure", "deferred-fetch", "digital-credentials-create", "digital-credentials-get", "display-capture",
    "encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection",
    "keyboard-map", "language-detector", "language-model", "local-fonts", "local-network", "local-network-access",
    "loopback-network", "magnetometer", "microphone", "midi", "on-device-speech-recognition", "otp-credentials",
    "payment", "picture-in-picture", "private-state-token-issuance", "private-state-token-redemption",
    "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial", "speaker-selection",
    "storage-access", "summarizer", "sync-xhr", "translator", "unload", "usb", "window-management",
    "xr-spatial-tracking",
)  # fmt: skip
"""Features of browsers that no page needs. Pages may still use gamepads and make sound (autoplay)."""
GRANTED = ("clipboard-write", "microphone", "on-device-speech-recognition")
"""Features that the shell itself may use: its buttons copy links and listen."""

COMMON = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
FRAME = COMMON | {
    "cache-control": "private, no-store",
    "connection-allowlist": "(response-origin)",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": ", ".join(f"{feature}=()" for feature in DENIED),
    "x-dns-prefetch-control": "off",
}
"""The headers of every frame.

Where browsers support it, `connection-allowlist` stops what no other policy stops. That is WebRTC, and the lookup of a
site's name when a page tries to leave for it. It allows only the frame's own host, of which the other policies then
allow nothing.
"""
STATIC_HEADERS = COMMON | {
    "cache-control": "no-cache",
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
}
"""The headers of files that are the same for everyone, and that shells in other sites load."""

SHELL = Environment(loader=FileSystemLoader(WEB / "templates"), autoescape=True).get_template("index.html")
DRAFT = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Draft</title>
<style id="sp-style">
.{LATENT}{{border-radius:.2em;background:linear-gradient(100deg,#0000 35%,color-mix(in srgb,currentColor 16%,#0000) 50%,
#0000 65%) 0 0/300% 100%,color-mix(in srgb,currentColor 9%,#0000);-webkit-box-decoration-break:clone;
box-decoration-break:clone;user-select:none;animation:sp-bath 2.6s linear infinite}}
@keyframes sp-bath{{from{{background-position:100% 0}}to{{background-position:-50% 0}}}}
@media(prefers-reduced-motion:reduce){{.{LATENT}{{animation:none}}}}
</style>
<link rel="stylesheet" href="{{kit}}">
<script nonce="{{nonce}}" src="/static/vendor/idiomorph/idiomorph.js"></script>
<script nonce="{{nonce}}" src="/static/frame/plain.js"></script>
<script nonce="{{nonce}}" src="/static/frame/look.js"></script>
<script nonce="{{nonce}}" src="/static/frame/draft.js"></script>
<script nonce="{{nonce}}" src="/static/frame/page.js"></script>
</head><body></body></html>
"""
GUARD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Page</title>
<style>html,body,iframe{margin:0;border:0;padding:0;width:100%;height:100%;display:block;overflow:hidden}</style>
</head><body><script src="/static/frame/guard.js"></script></body></html>
"""


@dataclass(frozen=True)
class ServedDocument:
    """A document and its response headers.

    Attributes:
        body: The HTML.
        headers: The headers by name in lower case, without content-type and content-length.
    """

    body: str
    headers: dict[str, str]


def shell_page(frames: Sequence[str], around: Sequence[str] = (), oembed: str = "") -> ServedDocument:
    """Return the shell.

    Args:
        frames: The origins that serve page frames.
        around: The origins that may embed the shell; if there are any, the shell has no controls.
        oembed: The address that tells how to embed the page that the shell opens.
    """
    policy = csp({
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "frame-src": " ".join(frames),
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": " ".join(around) or "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    })  # fmt: skip
    headers = COMMON | {
        "content-security-policy": policy,
        "cache-control": "no-cache",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": granted(*GRANTED),
    }
    body = SHELL.render(controls="none" if around else "", oembed=oembed)
    return ServedDocument(body, headers)


def guard_frame(origin: str, shells: Sequence[str]) -> ServedDocument:
    """Return the document between the shell and a page, which loads the path in its own address's fragment.

    Args:
        origin: The origin of the frames.
        shells: The origins of the shell. No other origin may embed the document.
    """
    policy = csp({
        "default-src": "'none'",
        "script-src": f"{origin}/static/frame/guard.js",
        "style-src": "'unsafe-inline'",
        "frame-src": f"{origin}/frame/",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": " ".join(shells) or "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    })  # fmt: skip
    return ServedDocument(GUARD, FRAME | {"content-security-policy": policy, "cache-control": "private, max-age=600"})


def draft_frame(shells: Sequence[str], origin: str = "") -> ServedDocument:
    """Return the empty page that drafts are morphed into.

    Args:
        shells: The origins of the shell and of the guard.
        origin: The origin of the frames, which also serves the kit.
    """
    nonce = secrets.token_urlsafe(16)
    policy = frame_policy(f"'nonce-{nonce}'", shells, f" {origin}/kit/")
    return ServedDocument(
        DRAFT.replace("{nonce}", nonce).replace("{kit}", bundle.address()), FRAME | {"content-security-policy": policy}
    )


def live_frame(
    html: str, shells: Sequence[str], data: Mapping[str, str] | None = None, version: str = "", look: str = ""
) -> ServedDocument:
    """Return a committed page with its scripts, and ours in front of them.

    Args:
        html: The page as stored.
        shells: The origins of the shell and of the guard. The page does not run outside their frames. If there are
            none, it runs in a tab of its own.
        data: What is kept for the page.
        version: The version of the kit that the page was made with.
        look: Rules of the host's look, for a page over the kit.
    """
    page = sanitise(html)
    doctype, rest = standard(page)
    dress = bundle.element(page, version, look)
    ours = f"{ONLY_FRAMED if shells else ''}{stored(data or {})}{look_script() if dress else ''}{page_script()}"
    body = f"{doctype}<script>{ours}</script>{dress}{rest}"
    policy = f"""{frame_policy("'unsafe-inline'", shells)}; {TYPED}"""
    return ServedDocument(body, FRAME | {"content-security-policy": policy})


def stored(data: Mapping[str, str]) -> str:
    """Return a statement that passes a page what is kept for it. Nothing in it can end the script."""
    said = json.dumps(data).replace("<", "\\u003c")
    return f"self.silverprintStored={said};" if data else ""


@lru_cache(maxsize=1)
def page_script() -> str:
    """Return the scripts that send a page's clicks to the shell, keep its data and select its elements.

    They are spelled as they stand in <script>.
    """
    return inside(*PAGE_SCRIPTS)


@lru_cache(maxsize=1)
def look_script() -> str:
    """Return the script that applies the host's look to pages that are written over the kit."""
    return f"{inside('look.js')}\n"


def inside(*names: str) -> str:
    """Return scripts of ours as they stand inside a page.

    Raises:
        ValueError: A script holds text that would end or change it inside a page.
    """
    folder = WEB / "static" / "frame"
    script = "\n".join((folder / name).read_text("utf-8") for name in names)
    if ENDS_SCRIPT.search(script):
        raise ValueError(
            "expected frame scripts without '</script' and '<!--', which would end or change it inside a page"
        )
    return script


def frame_policy(scripts: str, shells: Sequence[str], styles: str = "") -> str:
    """Return the policy of a page frame.

    It allows nothing from or to the network but the given styles, and only the shell may embed the frame.

    Args:
        scripts: The sources of scripts.
        shells: The origins that may embed the frame.
        styles: Further sources of styles, with a blank in front.
    """
    return csp({
        "sandbox": SANDBOX,
        "default-src": "'none'",
        "script-src": scripts,
        "style-src": f"'unsafe-inline'{styles}",
        "img-src": "data: blob:",
        "media-src": "data: blob:",
        "font-src": "data:",
        "connect-src": "'none'",
        "frame-src": "'none'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": " ".join(shells) or "'none'",
    })  # fmt: skip


def granted(*features: str) -> str:
    """Return the permissions policy of one of our documents, which has these features and no others."""
    return ", ".join(f"{feature}={'(self)' if feature in features else '()'}" for feature in DENIED)


def csp(directives: dict[str, str]) -> str:
    """Return directives as the value of a Content-Security-Policy header."""
    return "; ".join(f"{name} {value}" for name, value in directives.items())
