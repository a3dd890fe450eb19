//! The profile of AWS tools by which they ask here.

use super::super::aws::Args;
use super::{agreed, check_there, line, place, text_of, words, write};
use crate::context::Context;
use crate::error::{Error, Result};

/// The setting of a profile.
const KEY: &str = "credential_process";

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
    if text_of(&keys)?
        .lines()
        .any(|line| section(line).as_deref() == Some(profile.as_str()))
    {
        let keys = keys.display();
        ctx.warn(&format!(
            "the profile {profile} has keys in {keys} too, which AWS tools take first"
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
    if lines_of(&old, &profile).any(is_setting) {
        shown.push(format!("in the place of another {KEY}"));
    }
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
        "default" => "[default]".to_owned(),
        other => format!("[profile {other}]"),
    }
}

/// The profile that begins on a line.
fn section(line: &str) -> Option<String> {
    let inner = line.trim().strip_prefix('[')?.split(']').next()?.trim();
    let name = inner
        .strip_prefix("profile")
        .filter(|rest| rest.starts_with([' ', '\t']));
    let name = name.unwrap_or(inner).trim();
    Some(name.trim_matches(['"', '\'']).to_owned())
}

/// The lines of a profile below its header.
fn lines_of<'a>(text: &'a str, profile: &str) -> impl Iterator<Item = &'a str> {
    let mut inside = false;
    text.lines().filter(move |line| match section(line) {
        Some(name) => {
            inside = name == profile;
            false
        }
        None => inside,
    })
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
