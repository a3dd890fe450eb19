//! The lines in which git asks its credential helpers, and in which they answer: `key=value`, to a
//! blank line. See gitcredentials(7) and git-credential(1).

use jiff::Timestamp;

use super::fitting::WantedLogin;
use super::place::WebPlace;
use super::place_kind::PlaceKind;
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// The longest line, in bytes, as git itself has it.
pub const LINE_BYTES: usize = 65_535;
/// The most lines' bytes that git is listened to for.
pub const MESSAGE_BYTES: usize = 1 << 20;

/// The words for no, of git's settings.
const NO: [&[u8]; 5] = [b"", b"0", b"no", b"off", b"false"];

/// What git tells of a login.
#[derive(Debug, Default)]
pub struct GitLogin {
    protocol: Option<String>,
    host: Option<String>,
    path: Option<String>,
    /// Whom it is for.
    pub username: Option<String>,
    /// What was tried.
    pub password: Option<Secret>,
    /// When what was tried ends.
    pub expires: Option<Timestamp>,
    /// Whether it is for this time only, and nobody is to keep it.
    pub is_ephemeral: bool,
}

impl GitLogin {
    /// Reads what git says, up to a blank line. What this program has no use for is passed over.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for a line that is too long, has no `=`, or has a byte in it
    /// that could end it elsewhere.
    pub fn read(message: &[u8]) -> Result<Self> {
        let mut login = Self::default();
        for line in message.split(|byte| *byte == b'\n') {
            if line.is_empty() {
                break;
            }
            if line.len() > LINE_BYTES {
                return Err(Error::usage(format!(
                    "git sends a line of more than {LINE_BYTES} bytes"
                )));
            }
            if line.contains(&0) || line.contains(&b'\r') {
                return Err(Error::usage(
                    "git sends a value with a line end or a NUL byte in it, which nobody's login has",
                ));
            }
            let Some(at) = line.iter().position(|byte| *byte == b'=') else {
                return Err(Error::usage("git sends a line without an ="));
            };
            let (key, value) = line.split_at(at);
            login.take(key, value.get(1..).unwrap_or_default())?;
        }
        Ok(login)
    }

    fn take(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let text = || -> Result<Option<String>> {
            let text = std::str::from_utf8(value);
            let text = text.map_err(|_| Error::usage("git sends a value that is not UTF-8"))?;
            Ok((!text.is_empty()).then(|| text.to_owned()))
        };
        match key {
            b"protocol" => self.protocol = text()?,
            b"host" => self.host = text()?,
            // An empty one is that of the host's root.
            b"path" => self.path = Some(text()?.unwrap_or_default()),
            b"username" => self.username = text()?,
            b"password" => self.password = text()?.map(Secret::new),
            b"password_expiry_utc" => self.expires = text()?.and_then(|end| time(&end)),
            b"ephemeral" => {
                self.is_ephemeral = !NO.contains(&value.to_ascii_lowercase().as_slice());
            }
            _ => {}
        }
        Ok(())
    }

    /// The place that it is about; none where it is no host.
    #[must_use]
    pub fn place(&self) -> Option<WebPlace> {
        let (protocol, host) = (self.protocol.as_deref()?, self.host.as_deref()?);
        WebPlace::of_parts(protocol, host, self.path.as_deref())
    }

    /// Which login it is about.
    #[must_use]
    pub fn wanted(&self) -> Option<WantedLogin> {
        Some(WantedLogin {
            places: vec![self.place()?],
            has_path: self.path.is_some(),
            username: self.username.clone(),
            kind: PlaceKind::Web,
        })
    }
}

/// A second as git tells it; none where it means no time.
fn time(text: &str) -> Option<Timestamp> {
    Timestamp::from_second(text.parse().ok()?).ok()
}

/// The answer that git gets.
///
/// # Errors
/// [`crate::error::Kind::Refused`] where a value cannot stand on a line, which `whose` it is.
pub fn git_answer(
    whose: &str,
    username: Option<&str>,
    password: &Secret,
    expires: Option<Timestamp>,
) -> Result<Secret> {
    let values = [
        ("username", username),
        ("password", Some(password.expose())),
    ];
    let mut lines = String::with_capacity(password.expose().len() + 256);
    for (key, value) in values {
        let Some(value) = value else { continue };
        check_line(whose, key, value)?;
        lines.extend([key, "=", value, "\n"]);
    }
    if let Some(expires) = expires {
        lines.extend([
            "password_expiry_utc=",
            &expires.as_second().to_string(),
            "\n",
        ]);
    }
    Ok(Secret::new(lines))
}

/// Refuses what would be another line, or more than git reads.
fn check_line(whose: &str, key: &str, value: &str) -> Result<()> {
    let what = if key == "password" { "secret" } else { key };
    if value.contains(['\n', '\r', '\0']) {
        return Err(Error::refused(format!(
            "git gets no {what} with a line end or a NUL byte in it, which {whose} has"
        )));
    }
    if key.len() + 1 + value.len() > LINE_BYTES {
        return Err(Error::refused(format!(
            "git gets no {what} of more than {LINE_BYTES} bytes, which {whose} has"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{GitLogin, LINE_BYTES, git_answer};
    use crate::model::testing::day;
    use crate::model::text::secret::Secret;

    #[test]
    fn what_git_says_is_read_to_the_blank_line_and_the_unknown_passed_over() {
        let text = "capability[]=authtype\nprotocol=https\nhost=git.example\nwwwauth[]=Basic\n\
            x\u{ff}=y\npath=a=b\nusername=\n\nhost=evil.example\n";
        let login = GitLogin::read(text.as_bytes()).unwrap();
        let wanted = login.wanted().unwrap();
        assert_eq!(wanted.places[0].to_string(), "https://git.example/a%3Db");
        assert!(wanted.has_path && wanted.username.is_none());
        assert!(login.expires.is_none() && !login.is_ephemeral);
        let text =
            "protocol=https\nhost=git.example\npath=\npassword_expiry_utc=86400\nephemeral=1\n";
        let login = GitLogin::read(text.as_bytes()).unwrap();
        let wanted = login.wanted().unwrap();
        assert!(wanted.has_path && wanted.places[0].path().is_empty());
        assert_eq!(login.expires.unwrap().as_second(), 86400);
        assert!(login.is_ephemeral);
        for bad in ["x", "99999999999999999999", "-99999999999999"] {
            let login = GitLogin::read(format!("password_expiry_utc={bad}\n").as_bytes()).unwrap();
            assert!(login.expires.is_none(), "{bad}");
        }
        let login = GitLogin::read(b"protocol=cert\npath=/x.pem\n").unwrap();
        assert!(login.wanted().is_none());
    }

    #[test]
    fn a_value_that_could_end_its_line_is_refused_both_ways() {
        let long = [b"host=", &b"x".repeat(LINE_BYTES)[..]].concat();
        for bytes in [
            &b"host=a\0b\n"[..],
            b"host=a\rb\n",
            b"host=a\r\n",
            b"host\n",
            b"username=\xff\n",
            &long,
        ] {
            GitLogin::read(bytes).unwrap_err();
        }
        for text in [
            "a\nhost=evil.example",
            "a\r",
            "a\0",
            &"x".repeat(LINE_BYTES),
        ] {
            let (text, good) = (Secret::new(text.to_owned()), Secret::new("x".into()));
            git_answer("acme/a", None, &text, None).unwrap_err();
            git_answer("acme/a", Some(text.expose()), &good, None).unwrap_err();
        }
    }

    #[test]
    fn the_answer_has_the_user_the_secret_and_its_end() {
        let secret = Secret::new("a=b".into());
        let answer = git_answer("acme/a", Some("jo"), &secret, Some(day(1))).unwrap();
        let end = day(1).as_second();
        let expected = format!("username=jo\npassword=a=b\npassword_expiry_utc={end}\n");
        assert_eq!(answer.expose(), expected);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = GitLogin::read(&bytes).map(|login| login.wanted());
        }
    }
}
