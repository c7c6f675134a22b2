#!/usr/bin/env python3
"""Records the first words of real programs on the loopback and writes them as data files.

    pip install aioquic
    benches/hellos/record.py FOLDER

Each program is asked to open https://recorded.elmrow.example, which leads to a listener of our
own that never answers. A file holds the message, where the name, the lengths around it and the
random fields stand in it, and for QUIC how the program cut it into frames.
"""

import datetime
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading

from aioquic.buffer import Buffer
from aioquic.quic.crypto import CryptoPair

NAME = "recorded.elmrow.example"
PORT = 44330
SERVER_NAME, KEY_SHARE, ECH = 0, 51, 0xFE0D


def program(words):
    """The first line that a program says about its version."""
    told = subprocess.run(words, capture_output=True, text=True).stdout.splitlines()[0]
    return " ".join(told.split()[:2])


def heard(words, seconds):
    """What a command sends: streams, and datagrams by the port they came from."""
    streams, datagrams, done = [], {}, threading.Event()
    with socket.create_server(("127.0.0.1", PORT)) as tcp, socket.socket(
        socket.AF_INET, socket.SOCK_DGRAM
    ) as udp:
        udp.bind(("127.0.0.1", PORT))
        tcp.settimeout(0.2)
        udp.settimeout(0.2)

        def hear_streams():
            while not done.is_set():
                try:
                    talk, _ = tcp.accept()
                except TimeoutError:
                    continue
                with talk:
                    talk.settimeout(1)
                    said = talk.recv(5)
                    while len(said) >= 5 and len(said) < 5 + int.from_bytes(said[3:5], "big"):
                        said += talk.recv(65_536)
                    streams.append(said)

        def hear_datagrams():
            while not done.is_set():
                try:
                    said, (_, port) = udp.recvfrom(65_536)
                except TimeoutError:
                    continue
                datagrams.setdefault(port, []).append(said)

        threads = [threading.Thread(target=hear) for hear in (hear_streams, hear_datagrams)]
        for thread in threads:
            thread.start()
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        child = subprocess.Popen(words, stderr=subprocess.DEVNULL, start_new_session=True, **quiet)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        done.set()
        for thread in threads:
            thread.join()
    return streams, datagrams


def places(message, start):
    """Where the name, the lengths around it and the random fields of a hello are; `start` is
    where the handshake message begins."""
    lengths = [[3, 2]] if start else []
    lengths.append([start + 1, 3])
    random = [[start + 6, 32]]
    at = start + 38
    if message[at]:
        random.append([at + 1, message[at]])
    at += 1 + message[at]
    at += 2 + int.from_bytes(message[at : at + 2], "big")
    at += 1 + message[at]
    lengths.append([at, 2])
    at += 2
    name = None
    while at < len(message):
        kind = int.from_bytes(message[at : at + 2], "big")
        size = int.from_bytes(message[at + 2 : at + 4], "big")
        body = at + 4
        if kind == SERVER_NAME:
            lengths += [[at + 2, 2], [body, 2], [body + 3, 2]]
            name = [body + 5, size - 5]
        elif kind == KEY_SHARE:
            share = body + 2
            while share < body + size:
                octets = int.from_bytes(message[share + 2 : share + 4], "big")
                if octets > 1:
                    random.append([share + 4, octets])
                share += 4 + octets
        elif kind == ECH:
            # Type, cipher suite, config id; then the sender's share and the sealed hello.
            share = int.from_bytes(message[body + 6 : body + 8], "big")
            sealed = body + 8 + share
            random += [[body + 8, share], [sealed + 2, size - 10 - share]]
        at = body + size
    assert message[name[0] : sum(name)] == NAME.encode()
    return name, lengths, random


def frames(datagram):
    """The frames of an Initial: what each is, its offset and its octets."""
    length = datagram[5]
    crypto = CryptoPair()
    version = int.from_bytes(datagram[1:5], "big")
    crypto.setup_initial(datagram[6 : 6 + length], is_client=False, version=version)
    head = Buffer(data=datagram)
    head.seek(6 + length)
    head.pull_bytes(head.pull_uint8())
    head.pull_bytes(head.pull_uint_var())
    size = head.pull_uint_var()
    end = head.tell() + size
    _, plain, _ = crypto.decrypt_packet(datagram[:end], head.tell(), 0)
    body, found = Buffer(data=plain), []
    while not body.eof():
        kind = body.pull_uint_var()
        if kind == 0 and found and found[-1][0] == "padding":
            found[-1][1] += 1
        elif kind == 0:
            found.append(["padding", 1])
        elif kind == 1:
            found.append(["ping"])
        elif kind == 6:
            offset, octets = body.pull_uint_var(), body.pull_uint_var()
            found.append(["crypto", offset, octets, body.pull_bytes(octets)])
        else:
            raise ValueError(f"frame {kind:#x}")
    return found


def joined(datagrams):
    """The message whose pieces stand in frames."""
    pieces = {f[1]: f[3] for some in datagrams for f in some if f[0] == "crypto"}
    message = b""
    for offset in sorted(pieces):
        assert offset == len(message)
        message += pieces[offset]
    return message


def write(folder, file, who, message, start, datagrams=()):
    name, lengths, random = places(message, start)
    with open(os.path.join(folder, f"{file}.toml"), "w") as out:
        print(f'program = "{who}"', file=out)
        print(f"recorded = {datetime.date.today()}", file=out)
        print(f"name = {name}\nlengths = {lengths}\nrandom = {random}", file=out)
        print('message = """', file=out)
        for at in range(0, len(message), 48):
            print(message[at : at + 48].hex(), file=out)
        print('"""', file=out)
        for some in datagrams:
            print("\n[[datagram]]\nframes = [", file=out)
            for frame in some:
                words = ", ".join([f'"{frame[0]}"', *map(str, frame[1:3])])
                print(f"    [{words}],", file=out)
            print("]", file=out)


def main(folder):
    to = ["127.0.0.1", str(PORT)]
    python = (
        "import socket, ssl; ssl.create_default_context().wrap_socket("
        f"socket.create_connection(('{to[0]}', {to[1]})), server_hostname='{NAME}')"
    )
    node = f"require('tls').connect({{host:'{to[0]}',port:{to[1]},servername:'{NAME}'}})"
    asked = f"{NAME}:{PORT}"
    plain = {
        "curl": ["curl", "-sk", "-m3", "--resolve", f"{asked}:{to[0]}", f"https://{asked}/"],
        "openssl": ["openssl", "s_client", "-connect", ":".join(to), "-servername", NAME],
        "python": [sys.executable, "-c", python],
        "node": ["node", "-e", node],
    }
    versions = {"openssl": ["openssl", "version"], "node": ["node", "-p", "'Node ' + process.version"]}
    for file, words in plain.items():
        who = program(versions.get(file, [words[0], "--version"]))
        streams, _ = heard(words, 8)
        write(folder, file, who, streams[0], 5)
    who = program(["sh", "-c", "chromium --version 2>/dev/null"])
    for turn in range(3):
        with tempfile.TemporaryDirectory() as profile:
            browser = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu"]
            browser += [f"--user-data-dir={profile}", "--disable-background-networking"]
            browser += [f"--host-resolver-rules=MAP {NAME} {':'.join(to)},MAP * ~NOTFOUND"]
            streams, _ = heard([*browser, f"https://{NAME}/"], 14)
            write(folder, f"chromium-{turn + 1}", who, streams[turn], 5)
            quic = ["--enable-quic", f"--origin-to-force-quic-on={NAME}:443"]
            _, datagrams = heard([*browser, *quic, f"https://{NAME}/"], 14)
            for nth, some in enumerate(datagrams.values()):
                both = [frames(datagram) for datagram in some[:2]]
                file = f"chromium-quic-{turn * 2 + nth + 1}"
                write(folder, file, who, joined(both), 0, both)


main(sys.argv[1])
