#!/usr/bin/env python3
"""Shares that a stranger has made to cost much, given to `vault receive`.

    python3 tests/hostile/receive.py target/release/vault

Each is properly signed and addressed, so that only what it holds can be the reason to refuse it: within
3 s of processor time and 300 MiB, with an exit code of the program's own, before anybody is asked.
Needs stock `age` and `ssh-keygen`.
"""
import base64, hashlib, json, os, pathlib, shutil, subprocess, sys, tempfile

MAX_SECONDS, MAX_KIB = 3.0, 300 * 1024
PASSWORD = "plum-Trellis7-okapi-vend"


class Stranger:
    """A vault whose signing key is known, and one honest share of it."""

    def __init__(self, binary, home):
        self.binary, self.home = binary, home
        self.environment = environment(home)
        self.vault("init", "--kdf", "m=19MiB,t=2,p=1", "--recovery", str(home / "recovery"))
        self.vault("add", "acme/wp", secret="hunter2")
        subprocess.run(["age-keygen", "-o", home / "key"], check=True, capture_output=True)
        public = next(line for line in (home / "key").read_text().splitlines() if "public key" in line)
        self.recipient = public.split()[-1]
        self.vault("contact", "add", "bob", "--recipient", self.recipient)
        self.vault("client", "edit", "acme", "--min-assurance", "attested")
        self.vault("consent", "add", "acme", "--to", "bob", "--scope", "acme/**", "--purpose", "x",
                   "--by", "Jo", "--note", "said so")
        self.vault("share", "acme/wp", "--to", "bob", "--out", str(home / "honest.age"))
        self.document = document_in(self.open(home / "honest.age", home / "key").decode())
        vault = json.loads(self.open(home / ".local/share/vault/vault.age", home / "recovery"))
        (home / "signing").write_text(vault["identity"]["signing"])
        (home / "signing").chmod(0o600)

    def vault(self, *args, secret=""):
        subprocess.run([self.binary, *args], input=secret.encode(), env=self.environment, check=True,
                       capture_output=True, cwd=self.home)

    @staticmethod
    def open(file, key):
        return subprocess.run(["age", "-d", "-i", key, file], check=True, capture_output=True).stdout

    def share(self, change):
        """The honest share with its body changed, signed and encrypted anew."""
        body = json.loads(self.document["body"])
        change(body)
        text = json.dumps(body)
        (self.home / "body").write_text(text)
        (self.home / "body.sig").unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-Y", "sign", "-n", "vault-share", "-f", self.home / "signing",
                        self.home / "body"], check=True, capture_output=True)
        signature = dict(self.document["signatures"][0], signature=(self.home / "body.sig").read_text())
        return self.seal(letter(json.dumps(dict(self.document, body=text, signatures=[signature]))))

    def seal(self, text):
        file = self.home / "share.age"
        subprocess.run(["age", "-r", self.recipient, "-o", file], input=text.encode(), check=True)
        return file


BEGIN, END = "-----BEGIN VAULT SHARE-----\n", "-----END VAULT SHARE-----\n"


def document_in(text):
    """The signed document that a letter ends with."""
    return json.loads(base64.b64decode(text.rsplit(BEGIN, 1)[1].split(END)[0]))


def letter(document):
    return BEGIN + base64.encodebytes(document.encode()).decode() + END


def environment(home):
    (home / "password").write_text(PASSWORD + "\n")
    return {"HOME": str(home), "VAULT_PASSWORD_FILE": str(home / "password"), "PATH": os.environ["PATH"]}


def terms(body, change):
    consent = json.loads(body["consent"])
    manifest = json.loads(body["manifest"])
    inner = json.loads(consent["terms"])
    change(consent, inner)
    consent["terms"] = json.dumps(inner)
    body["consent"] = json.dumps(consent)
    manifest["consent"]["sha256"] = hashlib.sha256(body["consent"].encode()).hexdigest()
    body["manifest"] = json.dumps(manifest)


def manifest(body, change):
    inner = json.loads(body["manifest"])
    change(inner)
    body["manifest"] = json.dumps(inner)


def items(body, count):
    body["items"] = [body["items"][0]] * count
    manifest(body, lambda inner: inner.update(
        items=[dict(inner["items"][0], name=f"e{n}") for n in range(count)]))


def patterns(body):
    items(body, 1000)
    terms(body, lambda _, inner: inner.update(patterns=[f"acme/p{n}/**" for n in range(60_001)]))


KINDS = {
    "patterns": patterns,
    "items": lambda body: items(body, 30_000),
    "fields": lambda body: body["items"][0]["fields"].update({f"f{n}": "v" for n in range(500_000)}),
    "hidden": lambda body: body["items"][0].update(hidden=["f"] * 1_500_000),
    "urls": lambda body: body["items"][0]["fields"].update(urls=["u"] * 1_500_000),
    "attachments": lambda body: body["items"][0].update(
        attachments=[{"name": "a", "sha256": "", "content": ""}] * 200_000),
    "obligations": lambda body: manifest(body, lambda inner: inner.update(obligations=["o"] * 900_000)),
    "hosts": lambda body: manifest(body, lambda inner: inner["items"][0].update(hosts=["h"] * 900_000)),
    "named fields": lambda body: manifest(body, lambda inner: inner["items"][0].update(fields=["f"] * 900_000)),
    "manifest depth": lambda body: manifest(body, lambda inner: inner.update(
        more=json.loads("[" * 900 + "]" * 900))),
    "keys": lambda body: terms(body, lambda _, inner: inner["recipients"][0].update(keys=["k"] * 500_000)),
    "evidence": lambda body: terms(body, lambda consent, _: consent.update(evidence=[{"kind": "note"}] * 300_000)),
    "depth": lambda body: body.update(more=json.loads("[" * 900 + "]" * 900)),
    "purpose": lambda body: manifest(body, lambda inner: inner.update(purpose="p" * (8 << 20))),
    "names": lambda body: manifest(body, lambda inner: inner["items"][0].update(
        name="/".join(["n"] * 2_000_000))),
}
# Letters that are more than they seem.
LETTERS = {
    "many begins": BEGIN * 500_000,
    "one long line": "x" * (15 << 20),
    "no end": BEGIN + "A" * (15 << 20),
    "much base64": BEGIN + "A" * (15 << 20) + "\n" + END,
}


def measure(binary, file, key, home):
    args = [str(binary), "receive", str(file), "--identity", str(key), "--no-input"]
    settings = environment(home)
    pid = os.posix_spawn(binary, args, settings, file_actions=[
        (os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)])
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def main(binary):
    binary = pathlib.Path(binary).resolve()
    root, bad = pathlib.Path(tempfile.mkdtemp()), 0
    try:
        (root / "stranger").mkdir()
        (root / "bob").mkdir()
        stranger = Stranger(binary, root / "stranger")
        subprocess.run([binary, "init", "--kdf", "m=19MiB,t=2,p=1"], env=environment(root / "bob"), check=True,
                       capture_output=True)
        made = [(name, lambda change=change: stranger.share(change)) for name, change in KINDS.items()]
        made += [(name, lambda text=text: stranger.seal(text)) for name, text in LETTERS.items()]
        for name, make in made:
            file = make()
            code, seconds, kib = measure(binary, file, root / "stranger/key", root / "bob")
            wrong = code not in (2, 5, 6, 9) or seconds > MAX_SECONDS or kib > MAX_KIB
            bad += wrong
            print(f"{'BAD ' if wrong else 'ok  '} {name:14} {file.stat().st_size / 1024:9.1f} KiB  exit {code} "
                  f"{seconds:6.2f} s {kib / 1024:7.1f} MiB", flush=True)
            file.unlink()
    finally:
        shutil.rmtree(root)
    sys.exit(f"{bad} shares cost more than is promised" if bad else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
