//! The words that go to and fro: stanzas as in the header of an age file.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::{Channel, Machine, PluginHost, PluginName};
use crate::crypto::file_key::stanzas::{Lines, Stanza};
use crate::error::{Error, Result};
use crate::model::text::limits::HEADER_BYTES;

/// The most that a plugin may say in one run, in messages.
const MESSAGES: usize = 100;
/// Columns of a stanza's body.
const COLUMNS: usize = 64;

/// What a plugin says.
pub(crate) struct Message {
    pub(crate) tag: String,
    pub(crate) args: Vec<String>,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Message {
    /// The body as text, for people.
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A conversation with a plugin.
pub(crate) struct Talk<'a> {
    host: &'a dyn PluginHost,
    plugin: &'a PluginName,
    channel: BufReader<Box<dyn Channel>>,
    may_ask: bool,
    /// The first thing that went wrong: of several it is the cause.
    failure: Option<Error>,
}

impl<'a> Talk<'a> {
    /// Starts a plugin.
    pub(crate) fn start(
        host: &'a dyn PluginHost,
        plugin: &'a PluginName,
        machine: Machine,
    ) -> Result<Self> {
        let channel = host.start(plugin, machine)?;
        Ok(Self {
            host,
            plugin,
            channel: BufReader::new(channel),
            // A vault is written under its lock, and nobody is waited for there.
            may_ask: machine == Machine::Identity,
            failure: None,
        })
    }

    /// Says one thing.
    pub(crate) fn send(&mut self, tag: &str, args: &[&str], body: &[u8]) -> Result<()> {
        let mut text = Zeroizing::new(format!("-> {tag}"));
        for arg in args {
            text.push(' ');
            text.push_str(arg);
        }
        text.push('\n');
        let body = Zeroizing::new(STANDARD_NO_PAD.encode(body));
        let mut rest = body.as_str();
        while let Some((line, more)) = rest.split_at_checked(COLUMNS) {
            text.push_str(line);
            text.push('\n');
            rest = more;
        }
        text.push_str(rest);
        text.push('\n');
        let channel = self.channel.get_mut();
        let sent = channel.write_all(text.as_bytes());
        sent.and_then(|()| channel.flush())
            .map_err(|why| self.broken(&why))
    }

    /// Says that it is the plugin's turn, and takes in what it says until it is done. What it has
    /// for the user goes there; `take` gets the rest, and says whether it knows it.
    pub(crate) fn listen(&mut self, mut take: impl FnMut(&Message) -> Result<bool>) -> Result<()> {
        self.send("done", &[], &[])?;
        for _ in 0..MESSAGES {
            let message = self.receive()?;
            if message.tag == "done" {
                return self.failure.take().map_or(Ok(()), Err);
            }
            if message.tag == "error" {
                let why = Error::locked(format!("{}: {}", self.plugin.program(), message.text()));
                self.failure.get_or_insert(why);
                self.send("ok", &[], &[])?;
            } else if !self.for_the_user(&message)? {
                let known = take(&message)?;
                self.send(if known { "ok" } else { "unsupported" }, &[], &[])?;
            }
        }
        Err(self.confused("it never ends"))
    }

    /// Whether it was something for the user, who has answered then.
    fn for_the_user(&mut self, message: &Message) -> Result<bool> {
        let text = message.text();
        let answer = match message.tag.as_str() {
            "msg" => {
                self.host.tell(self.plugin, &text);
                Ok(None)
            }
            "confirm" | "request-public" | "request-secret" if !self.may_ask => {
                Err(Error::failed(format!(
                    "{} asks for something each time that the vault is written",
                    self.plugin.program()
                ))
                .hint("it cannot be a way in; nothing was changed"))
            }
            "confirm" => {
                let label = |at: usize| message.args.get(at).and_then(|text| decoded(text));
                let yes = label(0).unwrap_or_else(|| "yes".into());
                let decided = self
                    .host
                    .confirm(self.plugin, &text, &yes, label(1).as_deref());
                return match decided {
                    Ok(yes) => self.send("ok", &[if yes { "yes" } else { "no" }], &[]),
                    Err(why) => self.fail(why),
                }
                .map(|()| true);
            }
            "request-public" => self.host.ask(self.plugin, &text, false).map(Some),
            "request-secret" => self.host.ask(self.plugin, &text, true).map(Some),
            _ => return Ok(false),
        };
        match answer {
            Ok(None) => self.send("ok", &[], &[])?,
            Ok(Some(line)) => self.send("ok", &[], line.expose().as_bytes())?,
            Err(why) => self.fail(why)?,
        }
        Ok(true)
    }

    fn fail(&mut self, why: Error) -> Result<()> {
        self.failure.get_or_insert(why);
        self.send("fail", &[], &[])
    }

    fn receive(&mut self) -> Result<Message> {
        let mut text = Zeroizing::new(Vec::new());
        let first = self.line(&mut text)?;
        if first == 0 {
            return Err(self.confused("it ended in the middle"));
        }
        while self.line(&mut text)? > COLUMNS {}
        let mut lines = Lines::of(&text);
        let stanza = lines
            .next()
            .and_then(|first| Stanza::read(first, &mut lines));
        let stanza = stanza.map_err(|_| self.confused("what it says is malformed"))?;
        Ok(Message {
            tag: stanza.tag.to_owned(),
            args: stanza.args.iter().map(|arg| (*arg).to_owned()).collect(),
            body: Zeroizing::new(stanza.body),
        })
    }

    /// Appends a line with its end, and gives its length.
    fn line(&mut self, text: &mut Vec<u8>) -> Result<usize> {
        let room = HEADER_BYTES.saturating_sub(text.len());
        let limit = u64::try_from(room).unwrap_or_default();
        let mut bounded = self.channel.by_ref().take(limit);
        let read = bounded.read_until(b'\n', text);
        let length = read.map_err(|why| self.broken(&why))?;
        if text.last() == Some(&b'\n') || length == 0 && room > 0 {
            return Ok(length);
        }
        Err(self.confused("what it says is too long, or cut off"))
    }

    fn broken(&self, why: &std::io::Error) -> Error {
        let program = self.plugin.program();
        match why.kind() {
            ErrorKind::TimedOut => Error::failed(format!("{program} does not answer")),
            _ => Error::failed(format!("cannot talk with {program}: {why}")),
        }
    }

    /// An answer that makes no sense.
    pub(crate) fn confused(&self, what: &str) -> Error {
        confused(self.plugin, what)
    }
}

/// An answer of a plugin that makes no sense.
pub(crate) fn confused(plugin: &PluginName, what: &str) -> Error {
    Error::failed(format!(
        "{} does not behave as an age plugin: {what}",
        plugin.program()
    ))
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(STANDARD_NO_PAD.decode(text).ok()?).ok()
}
