//! The last lines of the certificate, for programs.

use jiff::Timestamp;
use uuid::Uuid;

use super::{CertificateContent, Gone, LeftKind};
use crate::exchange::paper::PaperPage;
use crate::model::consent::holders::HolderWord;

/// What a program reads, but for the log and the key that signs: no line is wider than the page.
pub(super) fn machine_lines(
    page: &mut PaperPage,
    content: &CertificateContent<'_>,
    now: Timestamp,
) {
    page.line(&format!("vault-certificate 1 {}", content.id));
    page.line(&format!("client {}", content.client.slug()));
    page.line(&format!("made {now}"));
    let gone: Vec<Uuid> = match content.gone {
        Gone::Now(entries) => entries.iter().map(|it| it.id).collect(),
        Gone::Before(purges) => {
            for certificate in purges.iter().filter_map(|it| it.certificate) {
                page.line(&format!("follows {certificate}"));
            }
            purges.iter().flat_map(|it| it.entries.clone()).collect()
        }
    };
    for id in gone {
        page.line(&format!("deleted {id}"));
    }
    for copy in content.left {
        let until = match copy.gone_by {
            Some(time) => time.to_string(),
            None => "no-date".into(),
        };
        let count = match copy.what {
            LeftKind::Commits(count) => Some(count),
            _ => copy.generation,
        };
        let count = count.map_or("-".into(), |it| it.to_string());
        page.line(&format!("left {} {count} {until}", copy.what.word()));
    }
    for holder in content.holders {
        let word = match holder.word {
            HolderWord::Signed(_) | HolderWord::Mailed(_) => "deleted",
            HolderWord::Refused | HolderWord::Unsent => "none",
            HolderWord::LoginRemoved(_) => "login-removed",
            HolderWord::LoginLeft => "login-left",
            HolderWord::Nothing => "unconfirmed",
        };
        page.line(&format!("share {} {word}", holder.share));
    }
}

impl LeftKind {
    fn word(self) -> &'static str {
        match self {
            Self::Beside => "backup",
            Self::Elsewhere => "copy",
            Self::Last => "last",
            Self::Conflicted => "beside",
            Self::Away => "copy-away",
            Self::Clone => "clone",
            Self::Remote => "remote",
            Self::Commits(_) => "commits",
            Self::Unread => "unread",
        }
    }
}
