#!/usr/bin/env python3
"""Files that were made to cost much, one generator for each kind, given to `vault import`.

    python3 tests/hostile/imports.py target/release/vault [NAME...]

Each file is small as it stands (under 1 MB, but for those of KINDS that say otherwise): reading it must end
within 3 s of processor time (a busy machine changes nothing then), in 320 MiB, with an exit code of the
program's own. A reader that is new gets its generators here.
Needs the `cryptography` package.
"""
import gzip, hashlib, hmac, io, json, os, pathlib, shutil, struct, subprocess, sys, tempfile, zipfile

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MAX_SECONDS, MAX_KIB = 3.0, 320 * 1024
PASSWORD = "plum-Trellis7"
MIB = 1 << 20
KINDS = {}


def kind(name, plain=False):
    """Registers a generator; `plain` marks files that are large as they stand, whose time is not held."""
    def register(make):
        KINDS[name] = (make, plain)
        return make
    return register


# --- KDBX 4 with AES-KDF, enough to be opened ---

def field(tag, value):
    return struct.pack("<BI", tag, len(value)) + value


def kdbx(payload, rounds=10, argon2=None):
    """A database; `payload` is what is packed: the inner header and the XML, in pieces."""
    seed, nonce, kdf_seed = b"s" * 32, b"n" * 16, b"k" * 32
    def item(kind, name, value):
        return struct.pack("<BI", kind, len(name)) + name + struct.pack("<I", len(value)) + value
    if argon2:
        uuid = bytes.fromhex("9e298b1956db4773b23dfc3ec6f0a1e6")
        parameters = b"".join([
            item(0x42, b"$UUID", uuid), item(0x42, b"S", kdf_seed), item(0x04, b"V", struct.pack("<I", 0x13)),
            item(0x05, b"M", struct.pack("<Q", argon2[0])), item(0x05, b"I", struct.pack("<Q", argon2[1])),
            item(0x04, b"P", struct.pack("<I", argon2[2]))])
    else:
        uuid = bytes.fromhex("7c02bb8279a74ac0927d114a00648238")
        parameters = b"".join([item(0x42, b"$UUID", uuid), item(0x42, b"S", kdf_seed),
                               item(0x05, b"R", struct.pack("<Q", rounds))])
    header = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5" + struct.pack("<HH", 0, 4)
    header += field(2, bytes.fromhex("31c1f2e6bf714350be5805216afc5aff")) + field(3, struct.pack("<I", 1))
    header += field(4, seed) + field(7, nonce)
    header += field(11, struct.pack("<H", 0x100) + parameters + b"\0") + field(0, b"\r\n\r\n")
    composite = hashlib.sha256(hashlib.sha256(PASSWORD.encode()).digest()).digest()
    master = b"m" * 32
    if not argon2 and rounds <= 1000:
        block = Cipher(algorithms.AES(kdf_seed), modes.ECB()).encryptor()
        master = composite
        for _ in range(rounds):
            master = block.update(master)
        master = hashlib.sha256(master).digest()
    key = hashlib.sha256(seed + master).digest()
    base = hashlib.sha512(seed + master + b"\x01").digest()
    def mac(index, data):
        secret = hashlib.sha512(struct.pack("<Q", index) + base).digest()
        return hmac.new(secret, data, hashlib.sha256).digest()
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0) as pack:
        for piece in payload:
            pack.write(piece)
    plain = packed.getvalue()
    plain += bytes([16 - len(plain) % 16]) * (16 - len(plain) % 16)
    sealed = Cipher(algorithms.AES(key), modes.CBC(nonce)).encryptor().update(plain)
    body = b""
    for index, block in enumerate([sealed, b""]):
        size = struct.pack("<I", len(block))
        body += mac(index, struct.pack("<Q", index) + size + block) + size + block
    return header + hashlib.sha256(header).digest() + mac(2**64 - 1, header) + body


def inner(*more):
    return b"".join([field(1, struct.pack("<I", 3)), field(2, b"p" * 64), *more, field(0, b"")])


def xml(*content):
    yield b"<KeePassFile><Root><Group><Name>db</Name>"
    yield from content
    yield b"</Group></Root></KeePassFile>"


def string(key, value):
    return f"<String><Key>{key}</Key><Value>{value}</Value></String>".encode()


def repeated(piece, count, at_once=10_000):
    for _ in range(count // at_once):
        yield piece * at_once
    yield piece * (count % at_once)


for millions in (1, 5, 12):
    @kind(f"{millions}m-empty-attachments.kdbx")
    def empty_attachments(millions=millions):
        return kdbx([field(1, struct.pack("<I", 3)), field(2, b"p" * 64),
                     *repeated(field(3, b"\0"), millions * 1_000_000), field(0, b""), *xml()])


@kind("note-of-60-mib.kdbx")
def long_note():
    return kdbx([inner(), *xml(b"<Entry><String><Key>Notes</Key><Value>", *repeated(b"x" * 1024, 60 * 1024),
                               b"</Value></String></Entry>")])


@kind("note-of-200-mib.kdbx")
def very_long_note():
    return kdbx([inner(), *xml(b"<Entry><String><Key>Notes</Key><Value>", *repeated(b"x" * 1024, 200 * 1024),
                               b"</Value></String></Entry>")])


@kind("190k-entries.kdbx")
def many_entries():
    return kdbx([inner(), *xml(*repeated(b"<Entry>" + string("Title", "a") + string("Password", "b") + b"</Entry>",
                                         190_000))])


@kind("3m-entries.kdbx")
def very_many_entries():
    return kdbx([inner(), *xml(*repeated(b"<Entry></Entry>", 3_000_000))])


@kind("1m-strings.kdbx")
def many_strings():
    entry = b"<Entry>" + string("a", "b") * 60 + b"</Entry>"
    return kdbx([inner(), *xml(*repeated(entry, 22_000, 1_000))])


@kind("1m-strings-of-one-entry.kdbx")
def strings_of_one():
    return kdbx([inner(), *xml(b"<Entry>", *repeated(string("a", "b"), 1_300_000), b"</Entry>")])


@kind("4m-former-states.kdbx")
def former_states():
    return kdbx([inner(), *xml(b"<Entry><History>", *repeated(b"<Entry></Entry>", 4_000_000), b"</History></Entry>")])


@kind("4m-groups.kdbx")
def groups():
    return kdbx([inner(), *xml(*repeated(b"<Group></Group>", 4_000_000))])


@kind("one-attachment-100k-times.kdbx")
def one_attachment():
    refer = b'<Binary><Key>f</Key><Value Ref="0"/></Binary>'
    return kdbx([inner(field(3, b"\0" + bytes(4 * MIB))),
                 *xml(b"<Entry>", *repeated(refer, 100_000), b"</Entry>")])


@kind("group-name-of-500-kb.kdbx")
def long_group():
    return kdbx([inner(), b"<KeePassFile><Root><Group><Name>db</Name><Group><Name>" + b"n" * 500_000 + b"</Name>",
                 *repeated(b"<Entry>" + string("Title", "a") + b"</Entry>", 50_000),
                 b"</Group></Group></Root></KeePassFile>"])


@kind("aes-rounds.kdbx")
def aes_rounds():
    return kdbx([inner(), *xml()], rounds=60_000_000)


@kind("too-many-aes-rounds.kdbx")
def too_many_rounds():
    return kdbx([inner(), *xml()], rounds=100_000_000)


@kind("argon2-of-2-gib.kdbx")
def argon2():
    return kdbx([inner(), *xml()], argon2=(2 << 30, 2, 2))


# --- KeePass XML ---

for count in (10_000, 20_000):
    @kind(f"{count}-same-names.xml")
    def same_names(count=count):
        return [*xml(b"<Entry>", string("f", "v") * count, b"</Entry>")]


@kind("same-titles.xml")
def same_titles():
    return [*xml((b"<Entry>" + string("Title", "same") + b"</Entry>") * 13_000)]


@kind("titles-of-one-beginning.xml")
def one_beginning():
    titles = [string("Title", "n" * 58 + f"{number:06}") for number in range(3_500)]
    return [*xml(*(b"<Entry>" + title + b"</Entry>" for title in titles * 2))]


@kind("chained-references.xml")
def chained_references():
    def entry(number):
        return b"<Entry>" + string("Title", f"e{number}") + string("Password", f"{{REF:P@T:e{number + 1}}}" * 20) + b"</Entry>"
    return [*xml(*map(entry, range(1_000)), b"<Entry>" + string("Title", "e1000") + string("Password", "x") + b"</Entry>")]


@kind("references-to-a-long-text.xml")
def long_references():
    referring = b"<Entry>" + string("Password", "{REF:P@T:long}") + b"</Entry>"
    return [*xml(b"<Entry>" + string("Title", "long") + string("Password", "x" * 300_000) + b"</Entry>", referring * 7_000)]


@kind("attribute-of-900-kb.xml")
def long_attribute():
    return [*xml(b'<Entry a="' + b"x" * 900_000 + b'">' + string("Title", "a") + b"</Entry>")]


@kind("name-of-900-kb.xml")
def long_name():
    return [b"<KeePassFile><" + b"x" * 900_000 + b"/></KeePassFile>"]


@kind("nested.xml")
def nested_xml():
    return [b"<KeePassFile>" + b"<x>" * 300_000]


@kind("entities.xml")
def entities():
    return [*xml(b"<Entry>" + string("Notes", "&amp;" * 180_000) + b"</Entry>")]


@kind("packed-attachments.xml")
def packed_attachments():
    packed = __import__("base64").b64encode(gzip.compress(bytes(5 * MIB))).decode()
    binaries = "".join(f'<Binary ID="{n}" Compressed="True">{packed}</Binary>' for n in range(100))
    refer = "".join(f'<Entry><Binary><Key>f</Key><Value Ref="{n}"/></Binary></Entry>' for n in range(100))
    return [f"<KeePassFile><Meta><Binaries>{binaries}</Binaries></Meta><Root><Group>{refer}</Group></Root></KeePassFile>".encode()]


# --- 1PUX and Proton Pass ---

def archive(name, pieces, more=()):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as into:
        with into.open(name, "w") as member:
            for piece in pieces:
                member.write(piece)
        for other, content in more:
            into.writestr(other, content)
    return packed.getvalue()


def one_pux(*items, more=()):
    pieces = [b'{"accounts":[{"vaults":[{"items":[', *items, b"]}]}]}"]
    return archive("export.data", pieces, more)


def one_item(*fields):
    return [b'{"details":{"sections":[{"fields":[', *fields, b"{}]}]}}"]


for count in (6_000, 20_000, 600_000):
    @kind(f"{count}-same-fields.1pux")
    def same_fields(count=count):
        return one_pux(*one_item(*repeated(b'{"title":"f","value":{"string":"v"}},', count)))


@kind("20m-empty-fields.1pux")
def empty_fields():
    return one_pux(*one_item(*repeated(b"{},", 20_000_000)))


@kind("190k-items.1pux")
def many_items():
    return one_pux(*repeated(b'{"overview":{"title":"a"}},', 190_000), b"{}")


@kind("10m-numbers.1pux")
def numbers():
    return one_pux(b'{"x":[', *repeated(b"0,", 10_000_000), b"0]}")


@kind("6000-same-attachments.1pux")
def same_attachments():
    file = b'{"value":{"file":{"fileName":"f","documentId":"d"}}},'
    return one_pux(*one_item(*repeated(file, 6_000)), more=[("files/d__f", "x")])


@kind("one-document-10k-times.1pux")
def one_document():
    item = b'{"details":{"documentAttributes":{"fileName":"f","documentId":"d"}}},'
    return one_pux(*repeated(item, 10_000), b"{}", more=[("files/d__f", bytes(5 * MIB))])


@kind("section-title-of-1-mb.1pux")
def section_title():
    fields = b'{"title":"f","value":{"string":"v"}},' * 9_000
    return one_pux(b'{"details":{"sections":[{"title":"' + b"t" * MIB + b'","fields":[' + fields + b"{}]}]}}")


@kind("bomb-of-300-mib.1pux")
def one_pux_bomb():
    return archive("export.data", repeated(b" " * MIB, 300, 10))


def proton(*items):
    return archive("Proton Pass/data.json",
                   [b'{"encrypted":false,"vaults":{"v":{"name":"c","items":[', *items, b"]}}}"])


@kind("bomb-of-300-mib-proton.zip")
def proton_bomb():
    return archive("Proton Pass/data.json", repeated(b" " * MIB, 300, 10))


@kind("100k-items-of-64-fields-proton.zip")
def proton_fields():
    content = b",".join(b'"%c%c":"b"' % (65 + n // 16, 65 + n % 16) for n in range(64))
    return proton(*repeated(b'{"data":{"type":"x","metadata":{},"content":{' + content + b"}}},", 80_000, 1_000), b"{}")


@kind("folders-in-a-ring-proton.zip")
def proton_folders():
    folders = [{"folderId": str(n), "parentFolderId": str((n + 1) % 1_000), "name": "n" * 900} for n in range(1_000)]
    items = [{"folderId": str(n % 1_000), "data": {"metadata": {"name": "a"}, "content": {}}} for n in range(5_000)]
    text = json.dumps({"encrypted": False, "vaults": {"v": {"folders": folders, "items": items}}})
    return archive("Proton Pass/data.json", [text.encode()])


# --- Bitwarden, own JSON ---

def bitwarden(*items):
    return [b'{"encrypted":false,"folders":[],"items":[', *items, b"]}"]


@kind("300k-empty-fields-bitwarden.json")
def bitwarden_fields():
    return bitwarden(b'{"name":"a","fields":[', *repeated(b"{},", 300_000), b"{}]}")


@kind("1m-empty-fields-bitwarden.json", plain=True)
def bitwarden_many_fields():
    return bitwarden(b'{"name":"a","fields":[', *repeated(b"{},", 1_000_000), b"{}]}")


@kind("20000-same-fields-bitwarden.json")
def bitwarden_same():
    return bitwarden(b'{"name":"a","fields":[', *repeated(b'{"name":"f","value":"v"},', 20_000), b"{}]}")


@kind("200k-empty-items-bitwarden.json")
def bitwarden_items():
    return bitwarden(*repeated(b"{},", 199_999), b"{}")


@kind("folder-name-of-300-kb-bitwarden.json")
def bitwarden_folder():
    items = repeated(b'{"name":"a","folderId":"f"},', 20_000)
    return [b'{"encrypted":false,"folders":[{"id":"f","name":"' + b"n" * 300_000 + b'"}],"items":[', *items, b"{}]}"]


@kind("nested.json")
def nested_json():
    return bitwarden(b'{"card":{"x":' + b"[" * 400_000 + b"]" * 400_000 + b"}}")


@kind("fields-own.json")
def own_fields():
    fields = b",".join(b'"f%d":"v"' % n for n in range(60_000))
    return [b'{"format":"vault-export/1","entries":[{"path":"a/b","fields":{' + fields + b"}}]}"]


@kind("lists-own.json", plain=True)
def own_lists():
    rows = b"[" + b"{}," * 500_000 + b"{}]"
    return [b'{"format":"vault-export/1","clients":[],"entries":[],"records":{"shares":' + rows[:600_000] + b"{}]}}"]


@kind("clients-own.json")
def own_clients():
    clients = ",".join(json.dumps({"id": f"00000000-0000-4000-8000-{n:012}", "slug": f"c{n}"}) for n in range(12_000))
    return [f'{{"format":"vault-export/1","clients":[{clients}],"entries":[]}}'.encode()]


# --- tables, dotenv, a password store ---

@kind("5000-equal-columns.csv")
def equal_columns():
    return [b"name,url,username,password" + b",x" * 5_000 + b"\n" + b"a,,b,c" + b",v" * 5_000 + b"\n"]


@kind("100k-equal-columns.csv")
def very_many_columns():
    return [b"name,url,username,password" + b",x" * 100_000 + b"\n" + b"a,,b,c" + b",v" * 100_000 + b"\n"]


@kind("100k-rows.csv")
def rows():
    return [b"name,url,username,password\n" + b"a,,b,c\n" * 130_000]


@kind("cell-of-900-kb.csv")
def cell():
    return [b"name,url,username,password\n\"" + b"a" * 900_000 + b"\",,b,c\n"]


@kind("urls.csv")
def urls():
    return [b"name,url,username,password\na,\"" + b"http://a," * 100_000 + b"\",b,c\n"]


@kind("120k-lines.env")
def dotenv():
    return [b"".join(b"A%d=1\n" % n for n in range(110_000))]


@kind("same-variables.env")
def same_variables():
    return [b"ABC=1\n" * 150_000]


@kind("1m-lines.env", plain=True)
def many_lines():
    return [b"".join(b"A%d=1\n" % n for n in range(1_000_000))]


# --- As many tiny rows as fit, for each format: at the limit on entries, which grows with the file ---

def names(count):
    """Short names, each another one."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    made = (a + b + c + d for a in letters for b in letters for c in letters for d in letters)
    return [name for name, _ in zip(made, range(count))]


OWN = '{{"id":"00000000-0000-4000-8000-{2}","path":"a/{0}","created":"2026-01-01T00:00:00Z"}}'
# What is written of one row, of a name, a folder and a number; and what stands around all rows.
TINY = {
    "chrome.csv": ("name,url,username,password\n", "{0},,,b\n", ""),
    "folders.csv": ("name,username,password,folder\n", "{0},,b,{1}\n", ""),
    "urls-as-clients.csv": ("name,url,username,password\n", "a,http://{1},,b\n", ""),
    "lastpass.csv": ("url,username,password,totp,extra,name,grouping,fav\n", ",,b,,,{0},,\n", ""),
    "bitwarden.csv": ("folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n",
                      ",,,{0},,,,,,b,\n", ""),
    "keepassxc.csv": ('"Group","Title","Username","Password","URL","Notes"\n', ",{0},,b,,\n", ""),
    "protonpass.csv": ("type,name,url,email,username,password,note,totp,createTime,modifyTime,vault\n", "login,{0},,,,b,,,,,\n", ""),
    "variables.env": ("", "{0}_=1\n", ""),
    "bitwarden.json": ('{{"encrypted":false,"folders":[],"items":[', '{{"type":1,"name":"{0}"}},', "{{}}]}}"),
    "protonpass.json": ('{{"encrypted":false,"vaults":{{"v":{{"name":"c","items":[', '{{"data":{{"metadata":{{"name":"{0}"}}}}}},', "{{}}]}}}}}}"),
    "own.json": ('{{"format":"vault-export/1","clients":[],"entries":[', OWN + ",", OWN.replace("{2}", "f" * 12).replace("{0}", "z") + "]}}"),
    "keepass.xml": ("<KeePassFile><Root><Group><Name>db</Name>",
                    "<Entry><String><Key>Title</Key><Value>{0}</Value></String></Entry>", "</Group></Root></KeePassFile>"),
}
for name, (start, row, end) in TINY.items():
    @kind(f"tiny-{name}")
    def tiny(start=start, row=row, end=end):
        room, rows = 990_000, []
        for number, word in enumerate(names(60_000)):
            rows.append(row.format(word, f"c{word}", f"{number:012x}"))
            room -= len(rows[-1])
            # 40,000 entries, and one more for each 50 bytes.
            if room < 0 or number >= 40_000 + (990_000 - room) // 50 - 10:
                break
        return [(start.format() + "".join(rows) + end.format()).encode()]


@kind("tiny.kdbx")
def tiny_kdbx():
    entries = b"".join(b"<Entry>" + string("Title", name) + b"</Entry>" for name in names(40_000))
    return kdbx([inner(), *xml(entries)])


@kind("tiny.1pux")
def tiny_one_pux():
    return one_pux(*(b'{"overview":{"title":"%s"}},' % name.encode() for name in names(40_000)), b"{}")


@kind("tiny-proton.zip")
def tiny_proton():
    return proton(*(b'{"data":{"metadata":{"name":"%s"}}},' % name.encode() for name in names(40_000)), b"{}")


def store(content):
    """A store of passage: a folder with one file, and the identity that opens it."""
    if not shutil.which("age"):
        return None
    def make(folder):
        keys = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
        (folder.parent / "identity").write_text(keys)
        recipient = keys.split("public key: ")[1].split()[0]
        folder.mkdir()
        subprocess.run(["age", "-r", recipient, "-o", folder / "a.age"], input=content, check=True)
    return make


@kind("huge-file.store", plain=True)
def huge_store():
    return store(b"secret\n" + b"x: y\n" * (8 * MIB))


def make_vault(binary, environment):
    subprocess.run([binary, "init", "--kdf", "m=19MiB,t=2,p=1"], env=environment, check=True, capture_output=True)


def measure(binary, file, environment):
    args = [str(binary), "import", str(file)]
    if not file.name.startswith("tiny"):
        args += ["--dry-run"]
    if file.suffix == ".kdbx":
        args += ["--source-password-file", str(file.parent / "source")]
    if file.suffix == ".store":
        args += ["--source-key-file", str(file.parent / "identity")]
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.execve(binary, args, environment)
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def main(binary, *wanted):
    binary = pathlib.Path(binary).resolve()
    home = pathlib.Path(tempfile.mkdtemp())
    (home / "password").write_text("plum-Trellis7-okapi-vend\n")
    (home / "source").write_text(PASSWORD + "\n")
    environment = {"HOME": str(home), "VAULT_PASSWORD_FILE": str(home / "password"), "PATH": os.environ["PATH"]}
    slow = float(os.environ.get("HOSTILE_SLOWER", "1"))
    try:
        make_vault(binary, environment)
        bad = 0
        for name, (make, plain) in KINDS.items():
            if wanted and not any(word in name for word in wanted):
                continue
            file, content = home / name, make()
            if callable(content):
                content(file)
            elif content is not None:
                file.write_bytes(content if isinstance(content, bytes) else b"".join(content))
            else:
                print(f"--   {name:44} left out: a program for it is missing")
                continue
            size = file.stat().st_size
            environment.pop("VAULT_FILE", None)
            if name.startswith("tiny"):
                # These are written too, each to a vault of its own.
                environment["VAULT_FILE"] = str(home / f"{name}.age")
                make_vault(binary, environment)
            code, seconds, kib = measure(binary, file, environment)
            wrong = code not in range(0, 10) or kib > MAX_KIB or (seconds > MAX_SECONDS * slow and not plain)
            wrong = wrong or (size >= 1_000_000 and not plain and file.is_file())
            bad += wrong
            print(f"{'BAD ' if wrong else 'ok  '} {name:44} {size / 1024:8.1f} KiB  exit {code:3} "
                  f"{seconds:6.2f} s {kib / 1024:7.1f} MiB", flush=True)
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    finally:
        shutil.rmtree(home)
    sys.exit(f"{bad} files cost more than is promised" if bad else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
