"""A server for one session of SMTP or IMAP on loopback, which knows one user and one password.

    mail_server.py smtp|imap USER PASSWORD_FILE

It prints its port, then a line for each login: `login ok` or `login refused`.
"""

import base64
import pathlib
import shlex
import socketserver
import sys

KIND, USER, PASSWORD_FILE = sys.argv[1:]
PASSWORD = pathlib.Path(PASSWORD_FILE).read_text()


def tell(line):
    print(line, flush=True)


def is_known(user, password):
    known = (user, password) == (USER, PASSWORD)
    tell("login ok" if known else "login refused")
    return known


class Session(socketserver.StreamRequestHandler):
    timeout = 20

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def hear(self):
        return self.rfile.readline(8192).decode().rstrip("\r\n")


class Smtp(Session):
    def handle(self):
        self.say("220 loopback ESMTP")
        while line := self.hear():
            verb = line.split(" ")[0].upper()
            if verb == "EHLO":
                self.say("250-loopback")
                self.say("250 AUTH PLAIN")
            elif verb == "AUTH":
                words = line.split(" ")
                if len(words) < 3:
                    self.say("334 ")
                    words.append(self.hear())
                _, user, password = base64.b64decode(words[2]).decode().split("\0")
                self.say("235 welcome" if is_known(user, password) else "535 no")
            elif verb == "DATA":
                self.say("354 go on")
                while self.hear() != ".":
                    pass
                self.say("250 taken")
                tell("mail taken")
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                self.say("250 yes")


class Imap(Session):
    ANSWERS = {
        "CAPABILITY": ["CAPABILITY IMAP4rev1"],
        "NAMESPACE": ['NAMESPACE (("" "/")) NIL NIL'],
        "LIST": ['LIST () "/" INBOX'],
        "SELECT": ["0 EXISTS", "0 RECENT", "OK [UIDVALIDITY 1] one", "OK [UIDNEXT 1] next"],
        "LOGOUT": ["BYE"],
    }

    def handle(self):
        self.say("* OK loopback")
        while line := self.hear():
            tag, verb, *rest = line.split(" ", 2)
            verb = verb.upper()
            if verb == "LOGIN":
                user, password = shlex.split(rest[0])
                self.say(f"{tag} " + ("OK welcome" if is_known(user, password) else "NO"))
                continue
            for answer in self.ANSWERS.get(verb, []):
                self.say(f"* {answer}")
            self.say(f"{tag} OK done")
            if verb == "LOGOUT":
                return


socketserver.TCPServer.allow_reuse_address = True
with socketserver.ThreadingTCPServer(("127.0.0.1", 0), {"smtp": Smtp, "imap": Imap}[KIND]) as server:
    server.daemon_threads = True
    tell(server.server_address[1])
    server.serve_forever()
