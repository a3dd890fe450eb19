//! The page of measures (GDPR Art. 32): what holds by the way the program works, and what was measured,
//! with what is not in place.

mod lang;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lang::{MeasureWords, texts};

use super::paper::dates::{day, minute};
use super::paper::signed::SignedPage;
use super::paper::{PaperPage, filled, sender};
use crate::error::Result;
use crate::model::consent::asked::place;
use crate::model::findings::measures::{Measure, Measured};
use crate::model::people::fields::MeValues;
use crate::model::records::record_id::number;
use crate::model::text::kdf::KdfParams;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// What the signature is good for.
const NAMESPACE: &str = "vault-toms";
const KIB_PER_MIB: u32 = 1024;

/// Writes down what was measured at `now`.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn write(
    vault: &Vault,
    measures: &[Measure],
    (lang, now, zone): (Lang, Timestamp, &TimeZone),
) -> Result<SignedPage> {
    let words = MeasureWords::of(lang);
    let me = sender(lang, &MeValues::of(&vault.me));
    let who = if me.is_empty() { words.nobody } else { &me };
    let at = minute(lang, now, zone, &one_line(&place(zone, now)));
    let version = env!("CARGO_PKG_VERSION");
    let mut page = PaperPage::default();
    page.line(words.title);
    page.line(words.law);
    page.gap();
    let known = [("who", who), ("version", version), ("at", at.as_str())];
    page.paragraph(&filled(words.opening, &known));
    for part in &words.parts {
        page.gap();
        let always = part.always.iter().map(|text| format!("- {text}"));
        let told_of = part.measured.iter().filter_map(|kind| {
            let measure = measures.iter().find(|it| it.kind == *kind)?;
            told(lang, *measure, zone)
        });
        let lines: Vec<String> = always.chain(told_of).collect();
        page.field(part.label, &lines.join("\n"));
    }
    page.gap();
    page.line(&format!("vault-toms 1 {}", number(vault.vault_id)));
    page.line(&format!("made {now}"));
    SignedPage::of(vault, NAMESPACE, page)
}

/// What is said of a measure; nothing of one for none of none.
fn told(lang: Lang, measure: Measure, zone: &TimeZone) -> Option<String> {
    let (words, texts) = (MeasureWords::of(lang), texts(lang, measure.kind));
    let cost = |kdf: KdfParams| {
        let (memory, passes) = ((kdf.m / KIB_PER_MIB).to_string(), kdf.t.to_string());
        filled(words.cost, &[("memory", &memory), ("passes", &passes)])
    };
    Some(match measure.measured {
        Measured::On => format!("+ {}", texts.on),
        Measured::Off => format!("! {}", texts.off),
        Measured::Of(_, 0) => return None,
        Measured::Of(some, all) => {
            let mark = if some == all { '+' } else { '!' };
            let (some, all) = (some.to_string(), all.to_string());
            let of = filled(texts.of, &[("some", &some), ("all", &all)]);
            format!("{mark} {of}")
        }
        Measured::Last(time) => {
            let day = day(lang, time.to_zoned(zone.clone()).date());
            format!("+ {}", filled(texts.on, &[("day", &day)]))
        }
        Measured::Cost(kdf) => format!("+ {}", filled(texts.on, &[("cost", &cost(kdf))])),
        Measured::LowCost(kdf) => format!("! {}", filled(texts.off, &[("cost", &cost(kdf))])),
        Measured::Unmeasured => {
            format!("? {}", filled(words.unmeasured, &[("what", texts.what)]))
        }
    })
}
