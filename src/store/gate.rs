//! The gate: the one way in which what an entry holds gets out. Whether it may be used is checked
//! and the reveal goes to the journal, before anything is handed out. It needs no terminal.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;

use jiff::Timestamp;
use uuid::Uuid;

use super::clock::{AcceptedClock, Now, explain};
use super::session::Session;
use crate::error::{Kind, Result};
use crate::model::entry::field::{Found, SECRET, TOTP};
use crate::model::inject::file_reference::FileReading;
use crate::model::inject::reference::Reading;
use crate::model::records::attachment::Attachment;
use crate::model::records::cell::{Cell, DeviceId};
use crate::model::records::entry::{Entry, Version};
use crate::model::records::event::EventDraft;
use crate::model::text::name::EntryPath;

/// What the log has of a program's name, in characters.
const LOGGED_CHARS: usize = 64;

/// Something that is about to be handed out.
pub(crate) struct RevealedItem<'a> {
    path: &'a EntryPath,
    entry: &'a Entry,
    what: What,
    apart: Option<SetApart>,
}

/// The one of several values that devices have set apart which counts until somebody chooses.
pub(crate) struct SetApart {
    /// What it is, for people: `secret`, a field, or `file NAME`.
    pub(crate) what: String,
    /// Which one it is: its version, or the start of the file's hash; none of what is shown itself.
    pub(crate) which: Option<String>,
    /// Where it was set.
    pub(crate) device: DeviceId,
}

/// What it is, as the log says it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    /// Text that is no secret: not logged.
    Visible,
    /// A version of a secret, or the code that a seed gives.
    Version { word: &'static str, number: u32 },
    /// An attachment.
    Attachment(Uuid),
}

impl<'a> RevealedItem<'a> {
    /// Its entry's path.
    pub(crate) fn path(&self) -> &'a EntryPath {
        self.path
    }

    /// Says of what is handed out that another device has set it as well, if so.
    pub(crate) fn set_apart(&self) -> Option<&SetApart> {
        self.apart.as_ref()
    }

    /// A field.
    pub(crate) fn field(path: &'a EntryPath, entry: &'a Entry, found: &Found<'_>) -> Self {
        match found {
            Found::Secret(version) => Self::version(path, entry, version),
            Found::Visible { apart, .. } => Self {
                path,
                entry,
                what: What::Visible,
                apart: apart.as_ref().map(|apart| SetApart {
                    what: apart.name.clone(),
                    which: None,
                    device: apart.device,
                }),
            },
        }
    }

    /// One version of a secret.
    pub(crate) fn version(path: &'a EntryPath, entry: &'a Entry, version: &Version) -> Self {
        let word = match version.slot() {
            SECRET => SECRET,
            TOTP => TOTP,
            _ => "hidden-field",
        };
        let number = version.number;
        let slot = version.slot();
        let current = entry.current.get(slot).filter(|_| entry.is_set_apart(slot));
        let apart = current.and_then(|cell| {
            Some(SetApart {
                what: slot.to_owned(),
                which: Some(format!("version {}", entry.version_name(version))),
                device: counting(cell, version.id)?,
            })
        });
        Self {
            path,
            entry,
            what: What::Version { word, number },
            apart,
        }
    }

    /// What a reference stands for.
    pub(crate) fn reading(reading: &Reading<'a>) -> Self {
        let handed = Self::field(reading.path, reading.entry, &reading.found);
        match (&reading.code, handed.what) {
            (Some(_), What::Version { number, .. }) => Self {
                what: What::Version {
                    word: "code",
                    number,
                },
                ..handed
            },
            _ => handed,
        }
    }

    /// What a reference stands for that may be a file.
    pub(crate) fn file_reading(reading: &FileReading<'a>) -> Self {
        match reading {
            FileReading::Text(reading) => Self::reading(reading),
            FileReading::Attached(it) => Self::attachment(it.path, it.entry, it.file),
        }
    }

    /// A file.
    pub(crate) fn attachment(path: &'a EntryPath, entry: &'a Entry, file: &Attachment) -> Self {
        let name = &file.name;
        let current = (entry.attached.get(name)).filter(|_| entry.is_attached_apart(name));
        let apart = current.and_then(|cell| {
            Some(SetApart {
                what: format!("file {name}"),
                which: Some(format!("file {}", file.short_hash())),
                device: counting(cell, file.id)?,
            })
        });
        Self {
            path,
            entry,
            what: What::Attachment(file.id),
            apart,
        }
    }

    /// Its entry.
    pub(crate) fn entry(&self) -> &'a Entry {
        self.entry
    }

    /// Whether somebody is shown a secret by it, and no program uses it alone: what is for use only
    /// is not, without the password.
    pub(crate) fn is_shown(&self, via: &Via<'_>) -> bool {
        self.what != What::Visible && !via.is_use()
    }

    fn draft(&self, now: Timestamp, via: &Via<'_>) -> Option<EventDraft> {
        let action = match via {
            Via::Asked | Via::Code | Via::Command(_) => "reveal",
            Via::Program { .. } | Via::Helper { .. } | Via::Used { .. } => "use",
        };
        let draft = EventDraft::new(now, action, vec![self.entry.id]);
        let draft = match self.what {
            What::Visible => return None,
            What::Version { word, number } => draft.with("what", word).with("version", number),
            What::Attachment(id) => {
                let draft = draft.with("what", "attachment");
                draft.with("attachment", id.to_string())
            }
        };
        Some(match via {
            Via::Asked | Via::Code => draft,
            Via::Command(name) => draft.with("via", *name),
            Via::Program { command, program } => {
                draft.with("via", *command).with("program", *program)
            }
            Via::Used { by, details } => {
                let mut draft = draft.with("via", *by);
                for (key, value) in *details {
                    draft.note(key, value.as_str());
                }
                draft
            }
            Via::Helper { program, host } => {
                let draft = draft.with("via", "helper").with("program", *program);
                match host {
                    Some(host) => draft.with("host", *host),
                    None => draft,
                }
            }
        })
    }
}

/// The device that has set a cell to `id`, where that counts.
fn counting(cell: &Cell<Option<Uuid>>, id: Uuid) -> Option<DeviceId> {
    let (stamp, current) = cell.values().next_back()?;
    (*current == Some(id)).then_some(stamp.device)
}

/// Where it goes.
pub(crate) enum Via<'a> {
    /// To whoever asked for just that.
    Asked,
    /// To whoever asked for a one-time code, which is good for a moment; the seed stays.
    Code,
    /// Through a command that puts it among other things.
    Command(&'static str),
    /// To a program: its name without folders, never its arguments.
    Program {
        command: &'static str,
        program: &'a str,
    },
    /// It is used for a program, which does not get it: by what, and what the log has besides.
    Used {
        by: &'a str,
        details: &'a [(&'static str, String)],
    },
    /// To a program that asks by its own protocol: its name, and the host that it asked for.
    Helper {
        program: &'static str,
        host: Option<&'a str>,
    },
}

impl Via<'_> {
    /// Whether what is for use only goes this way without the password. A new way says so here.
    fn is_use(&self) -> bool {
        match self {
            Self::Asked | Self::Command(_) => false,
            Self::Code | Self::Program { .. } | Self::Helper { .. } | Self::Used { .. } => true,
        }
    }
}

/// What came of a reveal.
pub(crate) struct Revealed {
    /// Whether any of it is a secret.
    pub is_secret: bool,
    /// What came of `--accept-clock`, where it was asked for and could matter.
    pub clock: Option<AcceptedClock>,
}

/// What the log has of a program: its name without folders.
pub(crate) fn base_name(program: &OsStr) -> String {
    let name = Path::new(program).file_name().unwrap_or(program);
    name.to_string_lossy().chars().take(LOGGED_CHARS).collect()
}

impl Session {
    /// To be called before any of `items` gets out. A reveal that cannot be recorded is still
    /// answered, since the user may need it now: `warn` is told.
    ///
    /// # Errors
    /// [`Kind::Refused`] when one of them must not be used any more, [`Kind::NeedsInput`] for what is
    /// for use only while the password was not given, [`Kind::Integrity`] for a malformed record.
    pub(crate) fn reveal(
        &self,
        items: &[RevealedItem<'_>],
        via: &Via<'_>,
        now: Now,
        warn: &dyn Fn(&str),
    ) -> Result<Revealed> {
        let any_received = items.iter().any(|item| item.entry.received.is_some());
        let clock = if any_received {
            self.accept_clock(now, warn)?
        } else {
            None
        };
        // For all of them, before anything is recorded.
        for item in items {
            self.check_usable(item.entry, now.at, warn)?;
            if item.is_shown(via) {
                self.proof().check(item.path, item.entry)?;
            }
        }
        let mut seen = HashSet::new();
        let once = (items.iter()).filter(|item| seen.insert((item.entry.id, item.what)));
        let drafts: Vec<_> = once.filter_map(|item| item.draft(now.at, via)).collect();
        let is_secret = !drafts.is_empty();
        if let Err(why) = self.journal_all(drafts) {
            warn(&format!("this reveal is not in the log: {why}"));
        }
        Ok(Revealed { is_secret, clock })
    }

    /// Logs that what is for use only was not handed out. What cannot be logged is refused all the
    /// same: `warn` is told.
    pub(crate) fn log_unproven(&self, entries: Vec<Uuid>, now: Timestamp, warn: &dyn Fn(&str)) {
        let draft = EventDraft::new(now, "refuse", entries)
            .with("what", "reveal")
            .with("reason", "use-only");
        if let Err(why) = self.journal(draft) {
            warn(&format!("this refusal is not in the log: {why}"));
        }
    }

    /// Refuses to hand out what came with a share that has ended; the refusal is logged.
    ///
    /// # Errors
    /// [`Kind::Refused`], and [`Kind::Integrity`] for a malformed record.
    pub(crate) fn check_usable(
        &self,
        entry: &Entry,
        now: Timestamp,
        warn: &dyn Fn(&str),
    ) -> Result<()> {
        let Some(held) = self.vault().held_under(entry)? else {
            return Ok(());
        };
        let latest = self.no_earlier_than_log(now)?;
        let Err(why) = self.vault().check_usable(entry, latest) else {
            return Ok(());
        };
        if why.kind() == Kind::Refused {
            let draft = EventDraft::new(latest, "refuse", vec![entry.id])
                .with("what", "reveal")
                .with("share", held.id.to_string());
            if let Err(why) = self.journal(draft) {
                warn(&format!("this refusal is not in the log: {why}"));
            }
        }
        // What its sender ended is over by any clock.
        Err(match (held.ended_for(entry.id), held.expires) {
            (None, Some(end)) => explain(now, end, why),
            _ => why,
        })
    }
}
