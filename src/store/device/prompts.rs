//! When the master password was typed lately, so that who types it again and again is told once of
//! what saves that.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::folder::{read_json, write_json};
use crate::error::Result;
use crate::store::disk::file::{Lasting, make_private_folder};

/// The times, in the state folder of all vaults.
const FILE: &str = "asked.json";
/// How far back a prompt counts.
const WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// So many prompts are often.
const OFTEN: usize = 3;

/// Notes that the master password was typed at `now`; whether that was the third time within an
/// hour. It is not said again for those that follow closely.
///
/// # Errors
/// [`crate::error::Kind::Failed`] when the folder or the file cannot be written,
/// [`crate::error::Kind::Integrity`] when the file is damaged.
pub fn is_asked_often(folder: &Path, now: Timestamp) -> Result<bool> {
    let file = folder.join(FILE);
    let mut times: Vec<Timestamp> = read_json(&file)?.unwrap_or_default();
    times.retain(|time| *time <= now && now.duration_since(*time) < WITHIN);
    times.push(now);
    // One more than are often tells a first time from a later one.
    let left_out = times.len().saturating_sub(OFTEN + 1);
    times.drain(..left_out);
    make_private_folder(folder)?;
    write_json(&file, &times, Lasting::No)?;
    Ok(times.len() == OFTEN)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::is_asked_often;

    #[test]
    fn the_third_time_within_an_hour_is_often_and_those_after_it_are_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let asked = |minutes: i64| {
            let now = Timestamp::from_second(60 * minutes).unwrap();
            is_asked_often(folder.path(), now).unwrap()
        };
        let told = [0, 10, 70, 80, 90, 100, 110, 200, 300].map(asked);
        let expected = [false, false, false, false, true, false, false, false, false];
        assert_eq!(told, expected);
    }
}
