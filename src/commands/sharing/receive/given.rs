//! What somebody without software sends: the answer to a request, or a file for this vault's key.

use super::Args;
use crate::commands::reveal::known_secret::KnownBefore;
use crate::context::Context;
use crate::crypto::{EncryptedFile, Opened, PrivateKey};
use crate::error::{Error, Result};
use crate::exchange::answer::AskAnswer;
use crate::exchange::mail::Mail;
use crate::model::entry::fields::EntryField;
use crate::model::people::client_changes::ClientChanges;
use crate::model::records::ask::OneTimeAsk;
use crate::model::records::record_id::number;
use crate::model::sharing::asking::{AnswerKept, TakenAnswer};
use crate::model::text::name::EntryPath;
use crate::model::text::quote::as_word;
use crate::model::text::visible::one_line;
use crate::store::session::Session;
use crate::ui::Unasked;
use crate::ui::time::day;
use jiff::Timestamp;
use uuid::Uuid;

/// What came, and for which request; none where it is for the vault's own key.
pub(super) struct Given {
    ask: Option<Uuid>,
    answer: AskAnswer,
}

impl Given {
    /// What one of `files` answers, if it is encrypted to the key of a request. `came` is what they were
    /// found in.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] where they hold different answers;
    /// [`crate::error::Kind::Refused`] where one names another request than the one whose key it is
    /// encrypted to; as [`AskAnswer::parse`].
    pub(super) fn to_ask(
        session: &Session,
        (files, came): (&[EncryptedFile], &[u8]),
        now: Timestamp,
    ) -> Result<Option<Self>> {
        let mut found: Option<(Opened, &OneTimeAsk)> = None;
        for ask in session.vault().asks_with_key(now)? {
            let keys: Vec<PrivateKey> = (ask.key_at(now).into_iter())
                .map(PrivateKey::of_vault)
                .collect::<Result<_>>()?;
            for file in files.iter().filter(|file| !file.is_for_passphrase()) {
                let Some(opened) = file.open(&keys)? else {
                    continue;
                };
                match &found {
                    Some((other, _)) if other.content != opened.content => {
                        return Err(several());
                    }
                    _ => found = Some((opened, ask)),
                }
            }
        }
        let Some((opened, ask)) = found else {
            return Ok(None);
        };
        let mut answer = AskAnswer::parse(&opened.content)?;
        let asked = number(ask.id);
        if let Some(said) = answer.number.as_ref().filter(|said| **said != asked) {
            return Err(Error::refused(format!(
                "the answer says that it is for request {}, and is encrypted to the key of {asked}",
                one_line(said)
            ))
            .hint("nothing was kept; call them, and ask once more: vault ask"));
        }
        let from = Mail::parse(came).ok();
        answer.given.from = from.and_then(|mail| mail.from().map(|it| it.address.clone()));
        Ok(Some(Self {
            ask: Some(ask.id),
            answer,
        }))
    }

    /// What a plain file holds that was made for the vault's own key.
    ///
    /// # Errors
    /// As [`AskAnswer::parse`].
    pub(super) fn to_vault(opened: &Opened) -> Result<Self> {
        let answer = AskAnswer::parse(&opened.content)?;
        Ok(Self { ask: None, answer })
    }

    /// Takes it in, and says what became of it.
    ///
    /// # Errors
    /// As [`crate::model::vault::Vault::take_answer`]; [`crate::error::Kind::Usage`] for options that
    /// are for shares.
    pub(super) fn take(self, ctx: &Context, args: &Args, session: Session) -> Result<()> {
        args.check_only_for_shares()?;
        let Self { ask, answer } = self;
        if let Some(id) = ask.filter(|_| args.as_entry.is_some()) {
            let asked = session.vault().check_ask_opens(id, ctx.now())?;
            return Err(Error::usage(format!(
                "it answers request {}, which is for {}",
                number(id),
                session.vault().path_of_ask(asked)?
            ))
            .hint("leave --as out; to move it later: vault mv"));
        }
        let known = KnownBefore::of(ctx, session.vault())?;
        let shown = visible(&answer);
        let AskAnswer { given, rules, .. } = answer;
        let from = given.from.clone();
        let (taken, session) = ctx
            .change_and_stay(session, None, |vault, author| match (ask, &args.as_entry) {
                (Some(ask), _) => vault.take_answer(ask, given, author),
                (None, Some(path)) => vault.keep_given(path.clone(), given.changes, author),
                (None, None) => Err(Error::usage("it is not said what it is to be called")),
            })
            .map_err(|why| why.prefixed("nothing of this answer is kept: "))?;
        let ask = ask.map(|id| session.vault().asks.by_id(id)).transpose()?;
        tell(ctx, ask, &taken, &shown, from.as_deref());
        known.warn_of_new(ctx, session.vault())?;
        let path = taken.path.clone();
        let session = settle(ctx, session, &taken)?;
        if let Some(rules) = rules.filter(|_| taken.kept != AnswerKept::Nothing) {
            offer_rules(ctx, session, &path, &rules)?;
        }
        ctx.answer(&[path.to_string()]);
        Ok(())
    }
}

fn several() -> Error {
    Error::usage("it holds several different answers")
        .hint("keep the block that counts in a file of its own, and take that: vault receive FILE")
}

/// What came, without what is secret.
fn visible(answer: &AskAnswer) -> Vec<String> {
    let changes = &answer.given.changes;
    let values = changes.values.set_fields().map(|field| {
        let texts = changes.values.texts(field).join(", ");
        format!("  {}: {}", field.row().label, one_line(&texts))
    });
    let fields = changes.fields.iter();
    let fields = fields.map(|(name, text)| format!("  {name}: {}", one_line(text)));
    let secrets = changes.secrets.iter();
    let secrets = secrets.map(|(slot, _)| format!("  {}: (hidden)", slot.as_str()));
    values.chain(fields).chain(secrets).collect()
}

fn tell(
    ctx: &Context,
    ask: Option<&OneTimeAsk>,
    taken: &TakenAnswer,
    shown: &[String],
    from: Option<&str>,
) {
    let path = &taken.path;
    let by = from.map(|from| format!(", from a mail of {}", one_line(from)));
    let by = by.unwrap_or_default();
    let of_ask = ask.map(|ask| {
        let what = if ask.ends.len() > 1 {
            "another answer"
        } else {
            "the answer"
        };
        format!(", {what} to request {}", number(ask.id))
    });
    let of_ask = of_ask.unwrap_or_default();
    let what = match taken.kept {
        AnswerKept::Added {
            client_is_new: true,
        } => {
            format!("added {path} (new client {})", path.client())
        }
        AnswerKept::Added { .. } => format!("added {path}"),
        AnswerKept::Beside => format!("updated {path}"),
        AnswerKept::Nothing if taken.is_known() => format!("{path} has all of it already"),
        AnswerKept::Nothing => format!("{path} stays as it is"),
    };
    ctx.ui.note(&format!("{what}{of_ask}{by}"));
    if !taken.is_known() {
        for line in shown {
            ctx.ui.note(line);
        }
    }
    if let Some(ask) = ask {
        tell_of_key(ctx, ask);
    }
    if taken.had_secret && taken.kept == AnswerKept::Beside {
        ctx.ui.note(&format!("{path} had just this secret already"));
    }
    for (name, beside) in &taken.beside {
        ctx.warn(&format!(
            "they give another {name}: it is kept as {beside}, and {name} of {path} stays as it was"
        ));
    }
    for (name, text) in &taken.others {
        ctx.warn(&format!(
            "they give another {name}: {}; that of {path} stays",
            one_line(text)
        ));
        let option = match EntryField::named(name) {
            Some(_) => format!("--{name} {}", as_word(text)),
            None => format!("--field {}", as_word(format!("{name}={text}"))),
        };
        ctx.ui
            .hint(&format!("to take theirs: vault edit {path:#} {option}"));
    }
}

/// Says until when a correction of the answer opens.
fn tell_of_key(ctx: &Context, ask: &OneTimeAsk) {
    let number = number(ask.id);
    if ask.takes_correction(ctx.now()) {
        ctx.ui.note(&format!(
            "If they send a correction, its key opens that too, until {}; to wipe it now: \
             vault ask close {number}",
            day(ask.until, ctx.now())
        ));
    } else {
        ctx.ui
            .note(&format!("the key of request {number} is wiped"));
    }
}

/// The entry had a secret: whether the new one takes its place is for whoever keeps the vault to say.
fn settle(ctx: &Context, session: Session, taken: &TakenAnswer) -> Result<Session> {
    let Some(pending) = taken.pending else {
        return Ok(session);
    };
    let path = &taken.path;
    ctx.ui.note(&format!(
        "{path} had another secret, which still counts; the new one waits as version {}",
        pending.number
    ));
    if !confirms(ctx, "Does the new one count from now on?")? {
        ctx.ui.hint(&format!(
            "when it counts: vault rotate {path:#} --confirm; if it never will: \
             vault rotate {path:#} --abort"
        ));
        return Ok(session);
    }
    let (_, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.confirm_rotation(path, Some(pending), author)
    })?;
    ctx.ui.note(&format!("version {} counts", pending.number));
    Ok(session)
}

/// Rules that came with an answer stand with the entry; whether they hold for all of the client's is
/// for whoever keeps the vault to say.
fn offer_rules(ctx: &Context, session: Session, path: &EntryPath, rules: &str) -> Result<()> {
    let slug = path.client();
    let client = session.vault().known_client(slug)?;
    if client.rules.value().is_some_and(|known| known == rules) {
        return Ok(());
    }
    let has = client.rules.value().is_some();
    let mut changes = ClientChanges::default();
    changes.values.rules = Some(rules.to_owned());
    if let Err(why) = changes.check() {
        ctx.warn(&format!("they stand with {path} only: {why}"));
        return Ok(());
    }
    let question = if has {
        format!("Are these the rules of {slug} from now on, in the place of those that are noted?")
    } else {
        format!("Are these the rules of {slug} for all that is shared of theirs?")
    };
    if !confirms(ctx, &question)? {
        ctx.ui.hint(&format!(
            "to make them the rules of all of {slug}: vault client edit {slug:#} --rules {}",
            as_word(rules)
        ));
        return Ok(());
    }
    ctx.change(session, |vault, author| {
        vault.edit_client(slug, changes, author)
    })?;
    ctx.ui.note(&format!("noted the rules of {slug}"));
    Ok(())
}

/// Asks where somebody can be asked; elsewhere it is no.
fn confirms(ctx: &Context, question: &str) -> Result<bool> {
    if !ctx.ui.can_ask() || ctx.ui.is_json() {
        return Ok(false);
    }
    let unasked = Unasked {
        needed: "an answer is needed",
        instead: "answer at a terminal",
    };
    ctx.ui.confirm(question, unasked)
}
