//! The manifests by which browsers let the extension Browserpass ask here, and the program that they
//! then start.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::{agreed, home, line, prepared, text_of, words};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::text::quote::as_word;

/// What the extension calls its host.
const NAME: &str = "com.github.browserpass.native";
/// The program beside each manifest, which can name no arguments.
const PROGRAM: &str = "vault-browserpass";
/// The extension, as Firefox and as Chromium and its kin know it.
const OF_FIREFOX: [&str; 1] = ["browserpass@maximbaz.com"];
const OF_CHROMIUM: [&str; 3] = [
    "chrome-extension://naepdomgkenhinolocfifgehidddafch/",
    "chrome-extension://pjmbgaakjkbhpopmakjoedenlfdmcdgm/",
    "chrome-extension://klfoddkbhleoaabpmiigbmpbjfljimgb/",
];
/// Where Firefox has its profiles since version 147, among the user's configuration.
const FIREFOX_CONFIG: &str = "mozilla";
/// Browsers of Chromium's kind, and their folders among the user's configuration.
const CHROMIUM_KIN: [(&str, &str); 3] = [
    ("Chromium", "chromium"),
    ("Chrome", "google-chrome"),
    ("Brave", "BraveSoftware/Brave-Browser"),
];
/// Where manifests of a browser are for all users; that of a user goes first.
const FOR_ALL: [(&str, &str); 4] = [
    ("Firefox", "/usr/lib/mozilla/native-messaging-hosts"),
    ("Firefox", "/usr/lib64/mozilla/native-messaging-hosts"),
    ("Chromium", "/etc/chromium/native-messaging-hosts"),
    ("Chrome", "/etc/opt/chrome/native-messaging-hosts"),
];
/// Anybody may be let execute it.
const PROGRAM_MODE: u32 = 0o755;
/// Whether somebody may.
const EXECUTABLE: u32 = 0o111;

/// What a browser reads: the program, and who may start it.
#[derive(Serialize)]
struct BrowserManifest<'a> {
    name: &'static str,
    description: &'static str,
    path: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    allowed_extensions: &'static [&'static str],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    allowed_origins: &'static [&'static str],
}

/// A browser that is there.
struct FoundBrowser {
    name: &'static str,
    /// Where its manifests are.
    folder: PathBuf,
    is_firefox: bool,
}

/// What is to be in a file, and what is.
struct SetUpFile {
    file: PathBuf,
    old: String,
    new: String,
    mode: u32,
    /// Whether it is to be executed, and cannot be.
    is_inert: bool,
}

impl SetUpFile {
    fn of(file: PathBuf, new: String, mode: u32) -> Result<Self> {
        let old = text_of(&file)?;
        let found = fs::metadata(&file).map(|found| found.permissions().mode() & 0o777);
        let is_inert =
            mode == PROGRAM_MODE && matches!(&found, Ok(found) if found & EXECUTABLE == 0);
        Ok(Self {
            mode: found.ok().filter(|_| !is_inert).unwrap_or(mode),
            file,
            old,
            new,
            is_inert,
        })
    }

    fn is_news(&self) -> bool {
        self.old != self.new || self.is_inert
    }
}

/// Sets browsers up.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] where there is no browser, [`crate::error::Kind::Conflict`] where
/// another program has the name of the one that is written, [`crate::error::Kind::NeedsInput`].
pub(in super::super) fn run(ctx: &Context, yes: bool) -> Result<()> {
    let browsers = browsers()?;
    if browsers.is_empty() {
        return Err(Error::not_found(
            "there is no folder of Firefox, Chromium, Chrome or Brave in your home",
        )
        .hint("start the browser once, then set it up"));
    }
    let call = line(&words(ctx, &["browserpass"])?);
    let (mut shown, mut all) = (Vec::new(), Vec::new());
    for browser in &browsers {
        let [program, manifest] = files(browser, &call)?;
        if program.is_news() || manifest.is_news() {
            shown.push(format!("{}: {}", browser.name, manifest.file.display()));
            shown.push(format!("  {NAME} is {}", program.file.display()));
            shown.extend(named_before(&manifest, &program.file));
            shown.extend(called_before(&program));
        }
        all.extend([program, manifest]);
    }
    all.retain(SetUpFile::is_news);
    if all.is_empty() {
        ctx.answer_change("nothing to do: browsers ask here already", &[]);
        return Ok(());
    }
    shown.push(format!("{PROGRAM}: exec {call} \"$@\""));
    for browser in &browsers {
        let others = FOR_ALL.iter().filter(|(name, _)| *name == browser.name);
        let others = others.map(|(_, folder)| manifest_in(Path::new(folder)));
        for other in others.filter(|file| file.exists()) {
            let (name, other) = (browser.name, other.display());
            ctx.ui
                .note(&format!("{name} asks the host of {other} no more"));
        }
    }
    tell_made_folder(ctx)?;
    if !agreed(ctx, yes, "your browsers' settings", &shown)? {
        return Ok(());
    }
    if !ctx.rehearses() {
        // All or none: what cannot be written is seen before anything is.
        let ready = (all.iter()).map(|it| prepared(&it.file, &it.new, it.mode));
        let ready = ready.collect::<Result<Vec<_>>>()?;
        // Each program before the manifest that names it.
        for file in ready {
            file.replace()?.sync()?;
        }
    }
    let changed: Vec<String> = all.iter().map(|it| it.file.display().to_string()).collect();
    let names: Vec<&str> = browsers.iter().map(|browser| browser.name).collect();
    ctx.answer_change(
        &format!(
            "set up Browserpass for {}: it asks here from now on",
            names.join(", ")
        ),
        &changed,
    );
    Ok(())
}

/// Where Firefox has its manifests, wherever its profiles are.
fn of_firefox() -> Result<PathBuf> {
    Ok(home()?.join(".mozilla"))
}

fn config() -> Result<PathBuf> {
    home()?;
    dirs::config_dir().ok_or_else(|| {
        Error::failed("this system names no folder of configuration").hint("set HOME")
    })
}

/// Says that Firefox gets a folder that it has done without.
fn tell_made_folder(ctx: &Context) -> Result<()> {
    let (firefox, profiles) = (of_firefox()?, config()?.join(FIREFOX_CONFIG));
    if !firefox.is_dir() && profiles.is_dir() {
        ctx.ui.note(&format!(
            "{} is made, the only place where Firefox looks for this. Should Firefox then start \
             without your bookmarks, they are where they were; show it the way: ln -s {} {}",
            firefox.display(),
            as_word(profiles.join("firefox").display().to_string()),
            as_word(firefox.join("firefox").display().to_string()),
        ));
    }
    Ok(())
}

fn browsers() -> Result<Vec<FoundBrowser>> {
    let mut found = Vec::new();
    let (firefox, config) = (of_firefox()?, config()?);
    if firefox.is_dir() || config.join(FIREFOX_CONFIG).is_dir() {
        found.push(FoundBrowser {
            name: "Firefox",
            folder: firefox.join("native-messaging-hosts"),
            is_firefox: true,
        });
    }
    for (name, folder) in CHROMIUM_KIN {
        let folder = config.join(folder);
        if folder.is_dir() {
            found.push(FoundBrowser {
                name,
                folder: folder.join("NativeMessagingHosts"),
                is_firefox: false,
            });
        }
    }
    Ok(found)
}

fn manifest_in(folder: &Path) -> PathBuf {
    folder.join(format!("{NAME}.json"))
}

/// The program and the manifest of a browser.
fn files(browser: &FoundBrowser, call: &str) -> Result<[SetUpFile; 2]> {
    let file = browser.folder.join(PROGRAM);
    let program = format!("#!/bin/sh\nexec {call} \"$@\"\n");
    let program = SetUpFile::of(file, program, PROGRAM_MODE)?;
    let is_own = program
        .old
        .lines()
        .last()
        .is_some_and(|line| line.starts_with("exec ") && line.contains(" helper browserpass "));
    if !program.old.is_empty() && !is_own {
        return Err(Error::conflict(format!(
            "{} is another program of the name that is written here",
            program.file.display()
        ))
        .hint("move it away; nothing was changed"));
    }
    let path = program
        .file
        .to_str()
        .ok_or_else(|| Error::usage(format!("{} is not UTF-8", program.file.display())))?;
    let manifest = BrowserManifest {
        name: NAME,
        description: "vault, as the host of Browserpass",
        path,
        kind: "stdio",
        allowed_extensions: if browser.is_firefox { &OF_FIREFOX } else { &[] },
        allowed_origins: if browser.is_firefox {
            &[]
        } else {
            &OF_CHROMIUM
        },
    };
    let new = serde_json::to_string_pretty(&manifest);
    let new = new.map_err(|_| Error::failed("the manifest cannot be written as JSON"))?;
    let file = manifest_in(&browser.folder);
    Ok([program, SetUpFile::of(file, new + "\n", 0o644)?])
}

/// What the program called before, or that it could not be executed, where that changes.
fn called_before(program: &SetUpFile) -> Option<String> {
    if !program.old.is_empty() && program.old != program.new {
        let before = program.old.lines().last().unwrap_or_default();
        return Some(format!("  in the place of {before}"));
    }
    (program.is_inert).then(|| "  which could not be executed".to_owned())
}

/// What the manifest named before, where that is another program.
fn named_before(manifest: &SetUpFile, program: &Path) -> Option<String> {
    if manifest.old.is_empty() {
        return None;
    }
    let old: Option<Value> = serde_json::from_str(&manifest.old).ok();
    let path = old.as_ref().and_then(|old| old.get("path")?.as_str());
    match path {
        Some(path) if Path::new(path) == program => None,
        Some(path) => Some(format!("  in the place of {path}")),
        None => Some("  in the place of what is no manifest".to_owned()),
    }
}
