//! The profile of AWS tools by which they ask here.

use super::super::aws::Args;
use super::{agreed, check_there, line, place, text_of, words, write};
use crate::context::Context;
use crate::error::{Error, Result};

/// The setting of a profile.
const KEY: &str = "credential_process";
/// The profile that is taken where none is named.
const DEFAULT: &str = "default";

/// Sets AWS tools up.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] for an unknown entry, [`crate::error::Kind::Usage`] for a profile
/// of no name, [`crate::error::Kind::NeedsInput`].
pub(in super::super) fn run(ctx: &Context, args: &Args, yes: bool) -> Result<()> {
    let path = &args.entry;
    let profile = match &args.profile {
        Some(named) => named.clone(),
        None => usable(path.client().as_str()),
    };
    if profile.is_empty() || usable(&profile) != profile {
        return Err(Error::usage(
            "a profile's name here is of letters, digits, and any of ._@+-",
        ));
    }
    check_there(ctx, Some(path), None)?;
    let value = line(&words(ctx, &["aws", &path.to_string()])?);
    let file = place("AWS_CONFIG_FILE", ".aws/config")?;
    let old = text_of(&file)?;
    let new = with_profile(&old, &profile, &value);
    let name = file.display().to_string();
    let keys = place("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")?;
    let stored = text_of(&keys)?;
    for (file, has_keys) in [
        (&keys, lines_of(&stored, &profile, bare_section).any(is_key)),
        (&file, lines_of(&old, &profile, section).any(is_key)),
    ] {
        if has_keys {
            let file = file.display();
            ctx.warn(&format!(
                "the profile {profile} has keys in {file} too, in clear, which AWS tools may take first: \
                 remove its lines aws_access_key_id and aws_secret_access_key there"
            ));
        }
    }
    if profile != DEFAULT && bare_sections(&old).any(|name| name == profile) {
        ctx.warn(&format!(
            "AWS tools pass over [{profile}] in {name}: a profile is called [profile {profile}] there"
        ));
    }
    if new == old {
        ctx.answer_change(
            &format!("nothing to do: the profile {profile} asks here already"),
            &[],
        );
        return Ok(());
    }
    let mut shown = vec![header(&profile), format!("{KEY} = {value}")];
    let replaced = lines_of(&old, &profile, section).filter(|line| is_setting(line));
    shown.extend(replaced.map(|line| format!("in the place of {}", line.trim())));
    if !agreed(ctx, yes, &name, &shown)? {
        return Ok(());
    }
    write(ctx, &file, &new, 0o600)?;
    let done = format!("changed {name}: the profile {profile} asks here from now on");
    ctx.answer_change(&done, &[name]);
    Ok(())
}

/// A name with nothing in it that a reader of such files might take for more.
fn usable(name: &str) -> String {
    let fit = |c: char| {
        if c.is_alphanumeric() || "._@+-".contains(c) {
            c
        } else {
            '-'
        }
    };
    name.chars().map(fit).collect()
}

fn header(profile: &str) -> String {
    match profile {
        DEFAULT => "[default]".to_owned(),
        other => format!("[profile {other}]"),
    }
}

/// The name of the section that begins on a line.
fn bare_section(line: &str) -> Option<String> {
    let inner = line.trim().strip_prefix('[')?.split(']').next()?.trim();
    Some(inner.to_owned())
}

/// The profile that begins on a line of the configuration, or the empty name of what is none: only
/// the default one stands there without the word.
fn section(line: &str) -> Option<String> {
    let inner = bare_section(line)?;
    let named = inner.strip_prefix("profile");
    Some(match named.filter(|rest| rest.starts_with([' ', '\t'])) {
        Some(name) => name.trim().trim_matches(['"', '\'']).to_owned(),
        None if inner == DEFAULT => inner,
        None => String::new(),
    })
}

fn bare_sections(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(bare_section)
}

/// The lines of a profile below its header, as `section` reads headers.
fn lines_of<'a>(
    text: &'a str,
    profile: &str,
    section: fn(&str) -> Option<String>,
) -> impl Iterator<Item = &'a str> {
    let mut inside = false;
    text.lines().filter(move |line| match section(line) {
        Some(name) => {
            inside = name == profile;
            false
        }
        None => inside,
    })
}

/// Whether a line is a key in clear, or what gives one.
fn is_key(line: &str) -> bool {
    let name = line.split(['=', ':']).next().unwrap_or_default();
    ["aws_access_key_id", "aws_secret_access_key"].contains(&name.trim_end())
}

/// Whether a line is the setting; one that is indented goes on with another.
fn is_setting(line: &str) -> bool {
    let name = line.split(['=', ':']).next().unwrap_or_default();
    name.trim_end() == KEY
}

/// The text with the setting in the profile, which is made where it is not there.
fn with_profile(text: &str, profile: &str, value: &str) -> String {
    let setting = format!("{KEY} = {value}\n");
    let (mut new, mut inside, mut found) = (String::new(), false, false);
    for line in text.split_inclusive('\n') {
        if let Some(name) = section(line) {
            inside = name == profile;
            new.push_str(line);
            if inside && !found {
                if !line.ends_with('\n') {
                    new.push('\n');
                }
                new.push_str(&setting);
                found = true;
            }
        } else if !(inside && is_setting(line)) {
            new.push_str(line);
        }
    }
    if !found {
        if !new.is_empty() {
            let ends = if new.ends_with('\n') { "\n" } else { "\n\n" };
            new.push_str(ends);
        }
        new.extend([&header(profile), "\n", &setting]);
    }
    new
}

#[cfg(test)]
mod tests {
    use super::with_profile;

    #[test]
    fn one_setting_of_one_profile_is_written_and_all_else_stays() {
        for (old, new) in [
            ("", "[profile a]\ncredential_process = X\n"),
            (
                "[default]\nregion=x",
                "[default]\nregion=x\n\n[profile a]\ncredential_process = X\n",
            ),
            (
                "[profile a]\nregion = x\ncredential_process=old\n[profile b]\ncredential_process=y\n",
                "[profile a]\ncredential_process = X\nregion = x\n[profile b]\ncredential_process=y\n",
            ),
            (
                "[profile \"a\"]",
                "[profile \"a\"]\ncredential_process = X\n",
            ),
            (
                "[a]\nregion = x\n",
                "[a]\nregion = x\n\n[profile a]\ncredential_process = X\n",
            ),
            (
                "[sso-session a]\n[profilea]\n",
                "[sso-session a]\n[profilea]\n\n[profile a]\ncredential_process = X\n",
            ),
            (
                "[profile aa]\n",
                "[profile aa]\n\n[profile a]\ncredential_process = X\n",
            ),
        ] {
            assert_eq!(with_profile(old, "a", "X"), new, "{old}");
            assert_eq!(with_profile(new, "a", "X"), new);
        }
        let new = with_profile("", "default", "X");
        assert_eq!(new, "[default]\ncredential_process = X\n");
    }
}
