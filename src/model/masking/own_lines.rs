//! Lines of a text that are secret by themselves: those of a private key, and values that nobody
//! would have written by chance.
//!
//! All others stand in the files of other people too. What is public beside a key (certificates,
//! public keys, the first line of every key of OpenSSH) tells nothing of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::entry::strength::{Score, score};
use crate::model::transfer::import::{holds_secret, names_secret};

/// The fewest characters of one line among several that is looked for: it may be a plain word.
const FEWEST_LINE_CHARS: usize = 8;
/// A shorter line of a key is padding, or somebody's name.
const FEWEST_KEY_CHARS: usize = 16;
/// As wide as whole lines in a key of OpenSSH; the last one may be no more than its comment.
const OPENSSH_WIDTH: usize = 70;
/// A value of so many characters is no word.
const WORD_CHARS: usize = 32;
/// A value of so many characters that looks random is no name and number.
const NAME_CHARS: usize = 16;
/// Of a random value at least every so many-th character is of another kind than the one before.
const SAME_KIND: usize = 4;
/// Ends of names whose value only leads to a secret.
const LEADS_TO: [&str; 8] = ["name", "file", "path", "uri", "url", "type", "id", "host"];
/// How the base64 of a block in PEM begins, and what is looked at of it.
const CODED_BLOCK: &str = "LS0tLS1CRUdJTi";
const CODED_START: usize = 64;

/// A block between `-----BEGIN …-----` and its end.
struct KeyBlock {
    /// Whether its lines are secret: the public half of a PGP key has lines of the private one.
    is_secret: bool,
    is_openssh: bool,
    /// Lines that are seen, without headers.
    seen: usize,
}

/// Whether a text has so many characters.
pub(super) fn is_long_enough(text: &str, fewest: usize) -> bool {
    text.chars().nth(fewest - 1).is_some()
}

/// The lines, or the values in them.
pub(super) fn own_lines(text: &str) -> Vec<&str> {
    let mut block: Option<KeyBlock> = None;
    let is_putty = text.starts_with("PuTTY-User-Key-File-");
    let mut is_private = !is_putty;
    let mut own = Vec::new();
    for line in text.lines().map(str::trim) {
        is_private |= line.starts_with("Private-Lines:");
        if let Some(label) = line.strip_prefix("-----BEGIN ") {
            block = Some(KeyBlock {
                is_secret: label.contains("PRIVATE KEY") && !label.contains("PGP"),
                is_openssh: label.contains("OPENSSH"),
                seen: 0,
            });
        } else if line.starts_with("-----END ") {
            block = None;
        } else if let Some(block) = &mut block {
            if is_of_key(line, block) {
                own.push(line);
            }
        } else if is_private {
            own.extend(own_value(line));
        }
    }
    own
}

fn is_of_key(line: &str, block: &mut KeyBlock) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    if !block.is_secret || line.is_empty() || !line.chars().all(is_base64) {
        return false;
    }
    block.seen += 1;
    let fewest = if block.is_openssh {
        OPENSSH_WIDTH
    } else {
        FEWEST_KEY_CHARS
    };
    line.len() >= fewest && !(block.is_openssh && block.seen == 1)
}

/// The secret value in a line such as `KEY=value`, `key: value` or a value alone.
fn own_value(line: &str) -> Option<&str> {
    if line.starts_with(['#', ';']) {
        return None;
    }
    let (name, value) = name_and_value(line);
    if !is_long_enough(value, FEWEST_LINE_CHARS) || is_public_block(value) {
        return None;
    }
    let is_own = holds_secret(value) || is_named(name, value) || looks_random(value);
    is_own.then_some(value)
}

fn name_and_value(line: &str) -> (&str, &str) {
    let line = line.strip_prefix("- ").unwrap_or(line).trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let is_name = |name: &str| {
        let fits = |c: char| c.is_alphanumeric() || "_-.\"'".contains(c);
        !name.is_empty() && name.chars().all(fits)
    };
    let parted = line.find(['=', ':']).and_then(|at| {
        let (name, rest) = line.split_at(at);
        let value = rest.get(1..)?;
        let is_parted = rest.starts_with('=') || value.starts_with([' ', '\t', '"']);
        let has_value = !value.trim_matches(['=', ' ']).is_empty();
        (is_parted && has_value && is_name(name.trim_end())).then_some((name.trim_end(), value))
    });
    let (name, value) = parted.unwrap_or(("", line));
    let value = value.trim().trim_end_matches([',', ';']);
    let unquoted = ['"', '\''].iter().find_map(|quote| {
        let inner = value.strip_prefix(*quote)?;
        inner.strip_suffix(*quote)
    });
    (name.trim_matches(['"', '\'']), unquoted.unwrap_or(value))
}

/// A certificate or a public key in base64 of its text, as Kubernetes has it.
fn is_public_block(value: &str) -> bool {
    let start = value.get(..CODED_START.min(value.len() / 4 * 4));
    let start = start.filter(|start| start.starts_with(CODED_BLOCK));
    let text = start.and_then(|start| STANDARD.decode(start).ok());
    text.is_some_and(|text| !String::from_utf8_lossy(&text).contains("PRIVATE KEY"))
}

/// Whether its name says that it is one, and it is no path, address or first guess.
fn is_named(name: &str, value: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let leads_to = LEADS_TO.iter().any(|end| lower.ends_with(end))
        || value.starts_with(['/', '~', '.', '$', '<'])
        || value.contains("://");
    !leads_to
        && names_secret(name)
        && (is_long_enough(value, WORD_CHARS) || score(value, &[name]) >= Score::Two)
}

/// Whether letters and digits change so often that no name or number of a version is.
fn looks_random(value: &str) -> bool {
    if value.contains(char::is_whitespace) || value.contains("://") {
        return false;
    }
    let kind = |c: char| (c.is_ascii_digit(), c.is_uppercase());
    let (mut changes, mut count, mut has_digit, mut before) = (0, 0, false, None);
    for c in value.chars() {
        let this = c.is_alphanumeric().then(|| kind(c));
        changes += usize::from(this.is_some() && before.is_some() && this != before);
        count += usize::from(this.is_some());
        has_digit |= c.is_ascii_digit();
        before = this;
    }
    has_digit
        && changes >= SAME_KIND
        && changes * SAME_KIND >= count
        && (is_long_enough(value, NAME_CHARS) || score(value, &[]) >= Score::Three)
}

#[cfg(test)]
mod tests {
    use super::own_lines;

    #[test]
    fn common_lines_are_nobodys_secret() {
        let text = "\
apiVersion: v1
apiVersion: networking.k8s.io/v1beta1
kind: Config
current-context: kubernetes-admin@cluster1
    server: https://kubernetes.default.svc:6443
    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUM1ekNDQWMrZ0F3SUJBZ0lCQURBTkJna3Fo
    insecureSkipTlsVerify: true
NODE_ENV=production
DEBUG=false
DB_HOST=db1.acme.example
SECRET_FILE=/run/secrets/deploy
TZ=Europe/Berlin
TOKEN_URL=https://oauth2.googleapis.com/token
PASSWORD=password
image: registry.acme.example/shop:1.24.3
date: 2026-11-30T10:00:00Z
# public key: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudq9uqdsr8mh3d
the old server is web1, and Jo knows the rest
\"type\": \"service_account\",";
        assert_eq!(own_lines(text), Vec::<&str>::new());
    }

    #[test]
    fn values_are_found_without_their_names() {
        let text = "\
DB_PASSWORD=\"correct-horse-battery\"
export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
    token: eyJhbGciOiJSUzI1NiIsImtpZCI6IkR4
  \"private_key_id\": \"3f2a9c81d4e6b7a0c5d8\",
    client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFb3dJQkFBS0NBUUVBeDlH
DATABASE_URL=postgres://shop:pg-s3cret@db1/shop
AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L
a1b2c-d3e4f-g5h6i
Zm9vYmFyMTIzNDU2Nzg5MGFiYw==";
        let expected = [
            "correct-horse-battery",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "eyJhbGciOiJSUzI1NiIsImtpZCI6IkR4",
            "3f2a9c81d4e6b7a0c5d8",
            "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFb3dJQkFBS0NBUUVBeDlH",
            "postgres://shop:pg-s3cret@db1/shop",
            "AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
            "a1b2c-d3e4f-g5h6i",
            "Zm9vYmFyMTIzNDU2Nzg5MGFiYw==",
        ];
        assert_eq!(own_lines(text), expected);
    }

    #[test]
    fn of_keys_the_lines_that_only_they_have() {
        let ssh = "-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACDVuhjmx1wTT8QDoQyNTUxOQAAACDVuhjmx1wTT8QDoQyNTUxOQAAACDVuh
AAAADGpvQGxhcHRvcAECAwQF
-----END OPENSSH PRIVATE KEY-----";
        let second = "QyNTUxOQAAACDVuhjmx1wTT8QDoQyNTUxOQAAACDVuhjmx1wTT8QDoQyNTUxOQAAACDVuh";
        assert_eq!(own_lines(ssh), [second]);
        let pem = "-----BEGIN CERTIFICATE-----
MIIDXTCCAkWgAwIBAgIJAKZ5kPq8fRZtMA0GCSqGSIb3DQEBCwUAMEUxCzAJBgNV
-----END CERTIFICATE-----
-----BEGIN RSA PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,3F17F5316E2BAC89A3F17F5316E2BAC8

MIIEpAIBAAKCAQEAx9Gk2JpVb7d8QkzFvK1bq8eC5gR4T0nYwLhXmJv3oPuZsE6r
c5Tz
-----END RSA PRIVATE KEY-----
-----BEGIN PGP PRIVATE KEY BLOCK-----

lQWGBGVo2JpVb7d8QkzFvK1bq8eC5gR4T0nYwLhXmJv3oPuZsE6rZ3kWq8dT2mXc
-----END PGP PRIVATE KEY BLOCK-----";
        let first = "MIIEpAIBAAKCAQEAx9Gk2JpVb7d8QkzFvK1bq8eC5gR4T0nYwLhXmJv3oPuZsE6r";
        assert_eq!(own_lines(pem), [first]);
        let putty = "PuTTY-User-Key-File-3: ssh-ed25519
Public-Lines: 1
AAAAC3NzaC1lZDI1NTE5AAAAIOm9x2Jp
Private-Lines: 1
AAAAIB4fT0nYwLhXmJv3oPuZsE6rZ3kW";
        assert_eq!(own_lines(putty), ["AAAAIB4fT0nYwLhXmJv3oPuZsE6rZ3kW"]);
    }
}
