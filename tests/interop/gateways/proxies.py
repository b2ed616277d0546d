"""Proxies that forward bytes: nginx, Caddy, HAProxy, mitmproxy and `inspector proxy`, with several settings.

Each is a context manager: it takes the upstream's URL and a folder for its files, and yields a `Running`.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

from conftest import ROOT
from gateways.running import Running, free_port, running
from packages import program, virtual_environment

MITMPROXY = ["mitmproxy~=11.0"]

# Only root may name a user. Without the line, the workers of root's nginx cannot read the folder.
_NGINX = """
daemon off; worker_processes 1; pid nginx.pid; error_log stderr; {user}
events {{}}
http {{
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {upstream}; {settings} }} }}
}}
"""
NGINX_FOR_STREAMS = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;'

_CADDY = """
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  reverse_proxy {upstream}
}}
"""

_HAPROXY = """
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
{settings}
listen gateway
  bind 127.0.0.1:{port}
  server upstream {upstream}
"""
HAPROXY_FOR_STREAMS = "  option http-no-delay\n  option abortonclose"


@contextlib.contextmanager
def nginx(upstream, folder, settings=""):
    port, user = free_port(), "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(port=port, upstream=upstream, settings=settings, user=user))
    command = [program("nginx"), "-p", folder, "-c", config, "-e", "stderr"]
    with running(command, port, folder) as url:
        yield Running(url)


@contextlib.contextmanager
def caddy(upstream, folder):
    port, config = free_port(), folder / "Caddyfile"
    config.write_text(_CADDY.format(port=port, upstream=urlsplit(upstream).netloc))
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", config]
    with running(command, port, folder, HOME=str(folder)) as url:
        yield Running(url)


@contextlib.contextmanager
def haproxy(upstream, folder, settings=""):
    port, config = free_port(), folder / "haproxy.cfg"
    config.write_text(_HAPROXY.format(port=port, upstream=urlsplit(upstream).netloc, settings=settings))
    with running([program("haproxy"), "-db", "-f", config], port, folder) as url:
        yield Running(url)


@contextlib.contextmanager
def mitmproxy(upstream, folder, *settings):
    port = free_port()
    mitmdump = virtual_environment("mitmproxy", MITMPROXY) / "bin" / "mitmdump"
    command = [mitmdump, "--mode", f"reverse:{upstream}", "--listen-host", "127.0.0.1", "-p", port]
    for setting in (f"confdir={folder}", *settings):
        command += ["--set", setting]
    with running(command, port, folder) as url:
        yield Running(url)


@contextlib.contextmanager
def inspector_proxy(upstream, folder):
    port = free_port()
    command = [sys.executable, "-m", "inspector", "proxy", "--upstream", upstream, "--port", port]
    with running([*command, "-o", folder / "recorded", "-q"], port, folder, PYTHONPATH=str(ROOT)) as url:
        yield Running(url)


def first_version(*command):
    """Return the first number with a dot that a command of this machine prints, as its version."""
    done = subprocess.run(
        [program(command[0]), *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return re.search(r"\d+(\.\d+)+", done.stdout)[0]
