"""Serve HTTPS for any name: a certificate of the lab's own authority and a page of the size sites.tsv says."""

import contextlib
import http.server
import re
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

DEFAULT_PAGE = 1000
NAME = re.compile(r"[a-z0-9.-]{1,253}")


class Certificates:
    """Makes a certificate for a name the first time somebody asks for that name."""

    def __init__(self, folder: Path, authority: Path, authority_key: Path):
        self.folder, self.authority, self.authority_key = folder, authority, authority_key
        self.contexts: dict[str, ssl.SSLContext] = {}
        self.lock = threading.Lock()

    def context(self, name: str) -> ssl.SSLContext:
        with self.lock:
            if name not in self.contexts:
                self.contexts[name] = self._issue(name)
            return self.contexts[name]

    def _issue(self, name: str) -> ssl.SSLContext:
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
             "-CA", self.authority, "-CAkey", self.authority_key, "-days", "30",
             "-subj", f"/CN={name[:64]}", "-addext", f"subjectAltName=DNS:{name}",
             "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(certificate, key)
        return context


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    sizes: dict[str, int] = {}

    def do_GET(self):
        name = self.headers.get("Host", "")
        if self.path != "/":
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        size = self.sizes.get(name, DEFAULT_PAGE)
        body = f"<!doctype html><title>{name}</title><p>A harmless page of the lab.</p><!--".encode()
        body += b"." * max(0, size - len(body) - 3) + b"-->"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, family: socket.AddressFamily, address: str, certificates: Certificates):
        self.address_family = family
        self.certificates = certificates
        super().__init__((address, 443), Page)

    def server_bind(self):
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.socket.bind(self.server_address)

    def finish_request(self, request, client_address):
        """The handshake belongs to the connection's own thread: one slow client delays nobody."""
        request.settimeout(Page.timeout)
        greeting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        greeting.set_alpn_protocols(["http/1.1"])
        greeting.sni_callback = self._choose_certificate
        with greeting.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)
            with contextlib.suppress(OSError):
                secured.unwrap()

    def _choose_certificate(self, secured, name, _greeting):
        name = (name or "unnamed.example").lower()
        if not NAME.fullmatch(name):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        secured.context = self.certificates.context(name)
        return None

    def handle_error(self, request, client_address):
        print(client_address, sys.exc_info()[1], file=sys.stderr)


def page_sizes(sites: Path) -> dict[str, int]:
    rows = (line.split("\t") for line in sites.read_text().splitlines() if not line.startswith("#"))
    return {name: int(page) for name, _ipv4, _ipv6, page in rows if page.isdigit()}


def main():
    sites, folder, authority, authority_key = map(Path, sys.argv[1:])
    Page.sizes = page_sizes(sites)
    certificates = Certificates(folder, authority, authority_key)
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        server = Server(family, address, certificates)
        threading.Thread(target=server.serve_forever).start()


main()
