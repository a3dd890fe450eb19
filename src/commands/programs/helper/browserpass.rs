//! The host of the browser extension Browserpass, by the protocol of browserpass-native 3.1: on stdin
//! and stdout, before each message in JSON, its length in 32 bits of the machine's order; one request
//! for each start.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::login::{check_not_expired, opened_or_refused};
use crate::commands::reveal::hand_out::hand_out;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::entry::field::{SECRET, TOTP};
use crate::model::entry::totp::to_uri;
use crate::model::logins::browser::{BrowserFile, FILE_END, browser_lines};
use crate::model::logins::open_page::{DoubtfulPage, OpenPage};
use crate::model::text::secret::Secret;
use crate::store::gate::{RevealedItem, Via};
use crate::store::session::Session;

const NAME: &str = "browserpass";
/// The version that extensions of this protocol take for new enough.
const VERSION: u32 = 3_001_000;
/// The length before a message, in bytes.
const LENGTH_BYTES: usize = 4;
/// What a browser may send: it tells what was used how often on which page.
const REQUEST_BYTES: usize = 4 << 20;
/// What browsers take from a host.
const ANSWER_BYTES: usize = 1 << 20;

/// The protocol's codes of errors.
mod code {
    pub(super) const LENGTH: u16 = 10;
    pub(super) const REQUEST: u16 = 11;
    pub(super) const ACTION: u16 = 12;
    pub(super) const STORE: u16 = 14;
    pub(super) const LIST: u16 = 18;
    pub(super) const STORE_ID: u16 = 20;
    pub(super) const FILE_END: u16 = 23;
    pub(super) const FETCH: u16 = 24;
    pub(super) const TREE: u16 = 25;
}

const EXAMPLES: &str = "\
Examples:
  vault helper --setup browserpass
  vault unlock                                 then press the extension's button on a login page

The extension is Browserpass: addons.mozilla.org and the Chrome Web Store have it, Debian as
webext-browserpass. An entry is offered where the page's host is that of one of its URLs; it is
filled in where scheme and port are the same too, and on no other page, whatever is searched for there.
While the vault is open the extension sees the hosts, clients and names of all entries with such a URL.
It gets the seed of one-time codes only if its option for them is on. It can store and delete nothing.";

/// Options of `helper browserpass`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What a browser adds, its manifest and the extension's id: nothing depends on it
    #[arg(value_name = "FROM_BROWSER", num_args = 0..=4)]
    from_browser: Vec<String>,
}

/// What is answered in an error of the protocol.
struct BrowserError {
    code: u16,
    why: Error,
}

type Answered = std::result::Result<Value, BrowserError>;

/// Turns an error of this program into one of the protocol.
fn coded(code: u16) -> impl Fn(Error) -> BrowserError {
    move |why| BrowserError { code, why }
}

/// Answers a browser.
///
/// # Errors
/// [`crate::error::Kind::Usage`] where nothing is piped in; whatever else is wrong is answered.
pub(super) fn run(ctx: &Context) -> Result<()> {
    let sent = ctx.ui.stdin_until(REQUEST_BYTES, |bytes| {
        length_of(bytes)
            .is_some_and(|length| length > REQUEST_BYTES || bytes.len() - LENGTH_BYTES >= length)
    });
    let sent =
        sent.map_err(|why| why.hint("to let a browser ask: vault helper --setup browserpass"))?;
    let (request, answered) = match read(&sent) {
        Ok(request) => {
            let answered = respond(ctx, &request);
            (request, answered)
        }
        Err(error) => (Value::Null, Err(error)),
    };
    let message = answered.unwrap_or_else(|error| {
        ctx.end_with(error.why.kind().exit_code());
        error.message(&request)
    });
    let mut message = Secret::new(message.to_string());
    if message.expose().len() > ANSWER_BYTES {
        let too_long = coded(code::LENGTH)(too_long());
        ctx.end_with(too_long.why.kind().exit_code());
        message = Secret::new(too_long.message(&Value::Null).to_string());
    }
    let length = u32::try_from(message.expose().len());
    let length = length.map_err(|_| Error::failed("the answer is too long"))?;
    ctx.ui.bytes(&length.to_ne_bytes())?;
    ctx.ui.bytes(message.expose().as_bytes())
}

/// The length that stands before a message, once it is all there.
fn length_of(bytes: &[u8]) -> Option<usize> {
    let (length, _) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    usize::try_from(u32::from_ne_bytes(*length)).ok()
}

fn read(sent: &[u8]) -> Answered {
    let length = length_of(sent).filter(|length| *length <= REQUEST_BYTES);
    let length = length.ok_or_else(|| {
        let limit = format!("the browser sends no length, or more than {REQUEST_BYTES} bytes");
        coded(code::LENGTH)(Error::usage(limit))
    })?;
    let message = sent.get(LENGTH_BYTES..LENGTH_BYTES + length);
    let request = message.and_then(|message| serde_json::from_slice::<Value>(message).ok());
    request.filter(Value::is_object).ok_or_else(|| {
        let what = Error::usage("the browser sends less than it says, or no JSON object");
        coded(code::REQUEST)(what)
    })
}

/// A text of the request.
fn text<'a>(request: &'a Value, place: &str) -> Option<&'a str> {
    request.pointer(place).and_then(Value::as_str)
}

impl BrowserError {
    fn message(&self, request: &Value) -> Value {
        let reason = self.why.message();
        let step = self.why.next_step().map(|step| format!(" ({step})"));
        let message = format!("{reason}{}", step.unwrap_or_default());
        let mut params = json!({"message": message, "error": reason});
        let told = ["action", "storeId", "file"].into_iter();
        let told = told.filter_map(|name| Some((name.to_owned(), request.get(name)?)));
        let told = told.filter(|(_, value)| value.is_string());
        if let Some(params) = params.as_object_mut() {
            params.extend(told.map(|(name, value)| (name, value.clone())));
        }
        json!({"status": "error", "code": self.code, "version": VERSION, "params": params})
    }
}

/// The whole message that is answered.
fn respond(ctx: &Context, request: &Value) -> Answered {
    if text(request, "/action") == Some("echo") {
        return Ok(request.get("echoResponse").cloned().unwrap_or_default());
    }
    let data = answer(ctx, request)?;
    Ok(json!({"status": "ok", "version": VERSION, "data": data}))
}

fn answer(ctx: &Context, request: &Value) -> Answered {
    match text(request, "/action") {
        Some("configure") => configure(ctx, request).map_err(coded(code::STORE)),
        Some("list") => list(ctx, request).map_err(coded(code::LIST)),
        Some("tree") => tree(ctx, request).map_err(coded(code::TREE)),
        Some("fetch") => fetch(ctx, request),
        Some(other @ ("save" | "delete")) => Err(coded(code::ACTION)(
            Error::refused(format!("a browser can {other} nothing in the vault"))
                .hint("vault add and vault rm do it"),
        )),
        _ => Err(coded(code::ACTION)(Error::usage("there is no such action"))),
    }
}

/// The vault, to be shown: the agent keeps its key no longer for that.
fn opened_to_show(ctx: &Context) -> Result<Session> {
    match ctx.unlock_unasked()? {
        Some(session) => Ok(session),
        None => opened_or_refused(ctx),
    }
}

/// The stores that the extension has by its options; by itself it has one.
fn stores(request: &Value) -> BTreeSet<&str> {
    let stores = request
        .pointer("/settings/stores")
        .and_then(Value::as_object);
    stores
        .into_iter()
        .flatten()
        .map(|(id, _)| id.as_str())
        .collect()
}

/// The same for each store: nothing, but for the first, which is the vault.
fn for_stores(request: &Value, first: Value, other: &Value) -> Value {
    let mut first = Some(first);
    let stores = stores(request).into_iter();
    let all = stores.map(|id| (id.to_owned(), first.take().unwrap_or_else(|| other.clone())));
    Value::Object(all.collect())
}

fn configure(ctx: &Context, request: &Value) -> Result<Value> {
    opened_to_show(ctx)?;
    let none = json!("{}");
    Ok(json!({
        "defaultStore": {"path": "vault", "settings": none},
        "storeSettings": for_stores(request, none.clone(), &none),
    }))
}

/// The files of all logins that may be used.
fn usable<'a>(ctx: &Context, session: &'a Session) -> Result<Vec<BrowserFile<'a>>> {
    let now = ctx.now();
    let mut files = session.vault().browser_files()?;
    files.retain(|it| {
        let has_expired = it.entry.expires.value().is_some_and(|end| *end <= now);
        !has_expired && session.vault().check_usable(it.entry, now).is_ok()
    });
    Ok(files)
}

fn list(ctx: &Context, request: &Value) -> Result<Value> {
    let session = opened_to_show(ctx)?;
    let files = usable(ctx, &session)?;
    let files: Vec<&str> = files.iter().map(|it| it.file.as_str()).collect();
    whole(json!({"files": for_stores(request, json!(files), &json!([]))}))
}

fn tree(ctx: &Context, request: &Value) -> Result<Value> {
    let session = opened_to_show(ctx)?;
    let files = usable(ctx, &session)?;
    let mut folders = BTreeSet::new();
    for it in &files {
        let ends = it.file.match_indices('/').map(|(at, _)| at);
        folders.extend(ends.filter_map(|end| it.file.get(..end)));
    }
    whole(json!({"directories": for_stores(request, json!(folders), &json!([]))}))
}

/// Refuses what a browser would not take.
fn whole(data: Value) -> Result<Value> {
    // The frame around it is short.
    if data.to_string().len() > ANSWER_BYTES - (1 << 10) {
        return Err(too_long());
    }
    Ok(data)
}

fn too_long() -> Error {
    Error::refused("a browser takes no answer of more than 1 MiB")
}

fn fetch(ctx: &Context, request: &Value) -> Answered {
    let file = text(request, "/file").unwrap_or_default();
    if !file.ends_with(FILE_END) {
        let what = Error::usage(format!("a login's file ends in {FILE_END}"));
        return Err(coded(code::FILE_END)(what));
    }
    let store = text(request, "/storeId").unwrap_or_default();
    if stores(request).first() != Some(&store) {
        let what = Error::usage("the vault is the first of the extension's stores, and no other");
        return Err(coded(code::STORE_ID)(what));
    }
    contents(ctx, request, file).map_err(coded(code::FETCH))
}

fn contents(ctx: &Context, request: &Value, file: &str) -> Result<Value> {
    let session = opened_or_refused(ctx)?;
    let files = session.vault().browser_files()?;
    let shown = files.iter().find(|it| it.file == file);
    let shown = shown.ok_or_else(|| Error::not_found("the vault has no such login"))?;
    let (path, entry) = (&shown.path, shown.entry);
    let page = text(request, "/settings/tab/url").or_else(|| text(request, "/settings/origin"));
    let page = OpenPage::read(page);
    let host = match &page {
        OpenPage::None => shown.place.host(),
        OpenPage::At(page) => page.host(),
        OpenPage::Other(_) => String::new(),
    };
    let place = page.place_of(shown);
    let place = place.ok_or_else(|| not_for(shown, &page, &files))?;
    check_not_expired(ctx, path, entry)?;
    let secret = entry.known_field(path, SECRET)?;
    let seed = entry.field(TOTP).filter(|_| wants_seed(request));
    let uri = seed.as_ref().map(|seed| {
        let account = entry.username.value().map_or(path.name(), String::as_str);
        to_uri(&seed.to_secret(), path.client().as_str(), account)
    });
    let lines = browser_lines(shown, &place, &secret.to_secret(), uri.as_ref())?;
    // Refused before it counts as handed out.
    let data = whole(json!({"contents": lines.expose()}))?;
    let items: Vec<_> = std::iter::once(&secret)
        .chain(&seed)
        .map(|found| RevealedItem::field(path, entry, found))
        .collect();
    let via = Via::Helper {
        program: NAME,
        host: Some(&host),
    };
    hand_out(ctx, &session, &items, &via)?;
    Ok(data)
}

/// Refuses a page that the entry is not for: its host may be below the entry's, or the user has
/// searched for the entry there.
fn not_for(shown: &BrowserFile<'_>, page: &OpenPage, files: &[BrowserFile<'_>]) -> Error {
    let path = &shown.path;
    let refused = |page: &str| {
        let page = page.to_owned();
        Error::refused(format!("{path} is for {}, not for {page}", shown.place))
    };
    let OpenPage::At(page) = page else {
        return refused("this page");
    };
    let at = format!("{}://{}", page.scheme(), page.host());
    refused(&at).hint(match DoubtfulPage::of(page, shown.entry, files) {
        Some(DoubtfulPage::Unencrypted) => {
            "this page is not encrypted: open the one that begins with https".to_owned()
        }
        Some(DoubtfulPage::Lookalike) => {
            "no entry has this host, and its letters may pass for others: go to the page by its own address"
                .to_owned()
        }
        None => format!("if it is to be: vault edit {path:#} --url {at}"),
    })
}

/// Whether the extension makes codes, by its options or those of a store.
fn wants_seed(request: &Value) -> bool {
    let stores = request
        .pointer("/settings/stores")
        .and_then(Value::as_object);
    let stores = stores.into_iter().flatten();
    let of_stores = stores.filter_map(|(_, store)| store.pointer("/settings/enableOTP"));
    let all = request
        .pointer("/settings/enableOTP")
        .into_iter()
        .chain(of_stores);
    all.into_iter().any(|option| option.as_bool() == Some(true))
}
