//! Who had what is gone, and what they have said of it.

use std::collections::HashSet;

use uuid::Uuid;

use super::words::CertificateWords;
use super::{CertificateContent, Times};
use crate::error::Result;
use crate::exchange::paper::filled;
use crate::exchange::reply::deletion::Deletion;
use crate::model::consent::holders::{HolderWord, name_of_day};
use crate::model::records::record_id::number;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// Everybody who was given something, what they have said, and who was handed it back.
pub(super) fn told_holders(
    words: &CertificateWords,
    (vault, content): (&Vault, &CertificateContent<'_>),
    times: &Times<'_>,
) -> Result<String> {
    let quoted = |names: &[String]| {
        let names = names.iter().map(|name| format!("\"{name}\""));
        names.collect::<Vec<_>>().join(", ")
    };
    let mut lines: Vec<String> = Vec::new();
    for holder in content.holders {
        let (word, time) = match holder.word {
            HolderWord::Signed(time) => (words.signed, Some(time)),
            HolderWord::Mailed(time) => (words.mailed, Some(time)),
            HolderWord::LoginRemoved(time) => (words.login_removed, Some(time)),
            HolderWord::Refused => (words.refused, None),
            HolderWord::Unsent => (words.unsent, None),
            HolderWord::LoginLeft => (words.login_left, None),
            HolderWord::Nothing => (words.not_confirmed, None),
        };
        let time = time.map(times.on).unwrap_or_default();
        let word = filled(word, &[("day", &time)]);
        let ended = holder.ended.map(times.on).unwrap_or_default();
        let values = [
            ("who", &*holder.called),
            ("entries", &quoted(&holder.entries)),
            ("since", &(times.on)(holder.since)),
            ("ended", &ended),
            ("number", &number(holder.share)),
            ("word", &word),
        ];
        let told = holder.ended.map_or(words.holder_live, |_| words.holder);
        let mut told = filled(told, &values);
        let is_confirmed = matches!(holder.word, HolderWord::Signed(_) | HolderWord::Mailed(_));
        let waived = content.client.waived(holder.share);
        if let Some(why) = waived.filter(|_| !is_confirmed) {
            told.push_str(&filled(words.waived, &[("why", &one_line(why))]));
        }
        for left in told_left(words, (vault, content), holder.share, times)? {
            told.push_str(&left);
        }
        lines.push(format!("{}. {told}", lines.len() + 1));
    }
    for it in content.handed_back {
        let names: Vec<String> = it.items.iter().map(name_of_day).collect();
        let values = [
            ("entries", &*quoted(&names)),
            ("day", &(times.on)(it.created)),
        ];
        lines.push(format!(
            "{}. {}",
            lines.len() + 1,
            filled(words.handed_back, &values)
        ));
    }
    if content.holders.is_empty() {
        lines.insert(0, words.nobody.to_owned());
    } else {
        lines.push(words.seen.to_owned());
    }
    Ok(lines.join("\n"))
}

/// What their statements say is left, in their own words: but for those that name another client.
fn told_left(
    words: &CertificateWords,
    (vault, content): (&Vault, &CertificateContent<'_>),
    share: Uuid,
    times: &Times<'_>,
) -> Result<Vec<String>> {
    let share = vault.shares.by_id(share)?;
    let own_words = |text: &str| -> Result<String> {
        let names_other = vault.other_client_in(text, content.client.id)?.is_some();
        let told = if names_other { words.not_told } else { text };
        Ok(format!("\"{}\"", one_line(told)))
    };
    let mut told = Vec::new();
    for filed in share
        .items
        .iter()
        .flat_map(|it| share.deletions_of(it.entry))
    {
        let Some(statement) = Deletion::filed(filed)? else {
            continue;
        };
        for kept in &statement.retained {
            let what = own_words(&kept.what)?;
            let day = kept.gone_by.map(times.on).unwrap_or_default();
            let left = kept.gone_by.map_or(words.left_there, |_| words.left_until);
            told.push(filled(left, &[("what", &what), ("day", &day)]));
        }
        if let Some(outside) = &statement.outside {
            let what = own_words(outside)?;
            told.push(filled(words.left_outside, &[("what", &what)]));
        }
    }
    // One statement may be about several entries.
    let mut seen = HashSet::new();
    told.retain(|line| seen.insert(line.clone()));
    Ok(told)
}
