//! The member of docker's configuration by which it asks here, and the program that it then starts.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::{agreed, check_there, is_own, line, place, text_of, words, write};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::text::name::ClientSlug;
use crate::process::own_program::{found_in_path, is_in_path, lasting_path};

/// The member that names the program which has all logins.
const KEY: &str = "credsStore";
/// Its value: docker puts `docker-credential-` before it.
const VALUE: &str = "vault";
/// The program.
const PROGRAM: &str = "docker-credential-vault";
const FIRST_LINE: &str = "#!/bin/sh";

/// docker's configuration, each value as it is written there.
type Members = IndexMap<String, Box<RawValue>>;

/// Sets docker up.
///
/// # Errors
/// [`crate::error::Kind::Conflict`] where another program has the name that docker looks for,
/// [`crate::error::Kind::Usage`] where the configuration is no JSON,
/// [`crate::error::Kind::NotFound`], [`crate::error::Kind::NeedsInput`].
pub(in super::super) fn run(ctx: &Context, store: Option<&ClientSlug>, yes: bool) -> Result<()> {
    check_there(ctx, None, store)?;
    let mut helper = vec!["docker"];
    if let Some(client) = store {
        helper.extend(["--store", client.as_str()]);
    }
    let words = words(ctx, &helper)?;
    let script = format!("{FIRST_LINE}\nexec {} \"$@\"\n", line(&words));
    let program = program()?;
    let old_script = text_of(&program).unwrap_or_default();
    let config = config()?;
    let text = text_of(&config)?;
    let members = read(&config, &text)?;
    let value = format!("\"{VALUE}\"");
    let old = members.get(KEY).map(|old| old.get().to_owned());
    tell_others(ctx, &members);
    let (config_name, program_name) = (config.display().to_string(), program.display().to_string());
    let mut shown = Vec::new();
    if old_script != script {
        shown.push(format!("{program_name}: exec {} \"$@\"", line(&words)));
        if let Some(old) = old_script.lines().nth(1) {
            shown.push(format!("in the place of {old}"));
        }
    }
    if old.as_ref() != Some(&value) {
        shown.push(format!("{config_name}: \"{KEY}\": {value}"));
        shown.extend(old.map(|old| format!("in the place of {old}")));
    }
    if shown.is_empty() {
        ctx.answer_change("nothing to do: docker asks here already", &[]);
        return Ok(());
    }
    if !agreed(ctx, yes, "docker's settings", &shown)? {
        return Ok(());
    }
    let mut changed = Vec::new();
    if old_script != script {
        write(ctx, &program, &script, 0o755)?;
        changed.push(program_name);
    }
    let new = with_member(members, &value)?;
    if new != text {
        write(ctx, &config, &new, 0o600)?;
        changed.push(config_name);
    }
    if !program.parent().is_some_and(is_in_path) {
        let folder = program.parent().unwrap_or(&program).display();
        ctx.warn(&format!(
            "docker does not find {PROGRAM}: {folder} is not in your PATH"
        ));
    }
    ctx.answer_change(
        "changed docker's settings: it asks here from now on",
        &changed,
    );
    Ok(())
}

fn config() -> Result<PathBuf> {
    match std::env::var_os("DOCKER_CONFIG").filter(|named| !named.is_empty()) {
        Some(folder) => Ok(PathBuf::from(folder).join("config.json")),
        None => place("", ".docker/config.json"),
    }
}

/// Where the program that docker starts is, or is to be: beside this one.
fn program() -> Result<PathBuf> {
    let beside = lasting_path()?.with_file_name(PROGRAM);
    let Some(found) = found_in_path(PROGRAM) else {
        return Ok(beside);
    };
    let text = text_of(&found).unwrap_or_default();
    let line = text
        .lines()
        .nth(1)
        .and_then(|line| line.strip_prefix("exec "));
    if line.is_some_and(|line| is_own(line, "docker")) || found == beside && text.is_empty() {
        return Ok(found);
    }
    Err(Error::conflict(format!(
        "{} is another program of the name that docker looks for",
        found.display()
    ))
    .hint("move it out of your PATH; nothing was changed"))
}

fn read(config: &std::path::Path, text: &str) -> Result<Members> {
    if text.trim().is_empty() {
        return Ok(Members::new());
    }
    serde_json::from_str(text).map_err(|_| {
        Error::usage(format!("{} is not a JSON object", config.display()))
            .hint("mend it first; nothing was changed")
    })
}

/// Tells which registries have a helper of their own.
fn tell_others(ctx: &Context, members: &Members) {
    let helpers = members.get("credHelpers").map(|raw| raw.get());
    let helpers: Option<IndexMap<String, String>> =
        helpers.and_then(|raw| serde_json::from_str(raw).ok());
    for (host, helper) in helpers
        .into_iter()
        .flatten()
        .filter(|(_, helper)| helper != VALUE)
    {
        ctx.warn(&format!("docker goes on asking {helper} for {host}"));
    }
}

/// The configuration with the member, all else as it was and where it was.
fn with_member(mut members: Members, value: &str) -> Result<String> {
    let failed = |_| Error::failed("docker's configuration cannot be written as JSON");
    let value = RawValue::from_string(value.to_owned()).map_err(failed)?;
    members.insert(KEY.to_owned(), value);
    let mut text = "{".to_owned();
    for (at, (name, value)) in members.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let name = serde_json::to_string(name).map_err(failed)?;
        text.extend([comma, "\n\t", &name, ": ", value.get()]);
    }
    text.push_str("\n}\n");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{read, with_member};

    #[test]
    fn all_other_members_stay_as_they_are_and_in_their_order() {
        let text = "{\n  \"zeta\": {\"b\": 1.50, \"a\": [ ]},\n  \"credsStore\": \"desktop\",\n  \"auths\": {}}";
        let members = read(Path::new("config.json"), text).unwrap();
        let new = with_member(members, "\"vault\"").unwrap();
        let expected = "{\n\t\"zeta\": {\"b\": 1.50, \"a\": [ ]},\n\t\"credsStore\": \"vault\",\n\t\"auths\": {}\n}\n";
        assert_eq!(new, expected);
        for bad in ["[]", "{", "{\"a\":1}x"] {
            read(Path::new("config.json"), bad).unwrap_err();
        }
    }
}
