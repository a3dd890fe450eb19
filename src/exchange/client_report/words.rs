//! The words of a report, by language. `{name}` is filled in.

mod de;
mod en;

use crate::model::text::lang::Lang;

/// A text for one, and a text for several, of which `{n}` is the number.
pub(super) type Count = (&'static str, &'static str);

/// All words of one language.
pub(super) struct ReportWords {
    pub(super) title: &'static str,
    pub(super) opening: &'static str,
    pub(super) nobody: &'static str,
    pub(super) for_oneself: &'static str,
    pub(super) as_of: &'static str,
    pub(super) since: &'static str,
    pub(super) no_secret: &'static str,
    /// The titles of the parts.
    pub(super) parts: [&'static str; 11],
    pub(super) short: ShortWords,
    pub(super) held: HeldWords,
    pub(super) access: AccessWords,
    pub(super) ended: EndedWords,
    pub(super) past: PastWords,
    pub(super) rules: RuleWords,
    pub(super) incident: ReportedIncidentWords,
    pub(super) keep: KeepWords,
    pub(super) advice: AdviceWords,
    pub(super) proof: ProofWords,
}

/// Of the report in a sentence.
pub(super) struct ShortWords {
    pub(super) nothing: &'static str,
    /// Where strangers may know something, and where nobody can.
    pub(super) kept: Count,
    pub(super) nobody: Count,
    pub(super) people: Count,
    /// Behind `people`: of the only one, or of several.
    pub(super) of_one: &'static str,
    pub(super) of_some: Count,
    pub(super) allowed: &'static str,
    pub(super) not_all: &'static str,
    pub(super) unpermitted: Count,
    pub(super) over: Count,
    pub(super) lenders: Count,
    pub(super) by_word: Count,
    pub(super) strangers: Count,
}

/// Of what is kept.
pub(super) struct HeldWords {
    pub(super) nothing: &'static str,
    pub(super) caption: &'static str,
    pub(super) columns: [&'static str; 4],
    pub(super) user: &'static str,
    pub(super) codes: &'static str,
    pub(super) password: &'static str,
    pub(super) file: Count,
    pub(super) earlier: Count,
    pub(super) since: &'static str,
    pub(super) changed: &'static str,
    pub(super) trash: &'static str,
    pub(super) strangers: &'static str,
    pub(super) app: &'static str,
    pub(super) key: &'static str,
    pub(super) none: &'static str,
    pub(super) unknown: &'static str,
}

/// Of who can know something.
pub(super) struct AccessWords {
    pub(super) nobody: &'static str,
    pub(super) why: &'static str,
    pub(super) caption: &'static str,
    pub(super) columns: [&'static str; 5],
    pub(super) own_login: &'static str,
    /// Of what it is for, where that may not be told.
    pub(super) unsaid: &'static str,
    pub(super) allowed: &'static str,
    pub(super) allowed_by_nobody: &'static str,
    pub(super) signed: &'static str,
    pub(super) document: &'static str,
    pub(super) attested: &'static str,
    pub(super) unpermitted: &'static str,
    pub(super) lender: &'static str,
    pub(super) nobody_asked: &'static str,
    /// Behind that, or under the permission.
    pub(super) same_secret: &'static str,
    pub(super) same_file: &'static str,
    pub(super) outdated: &'static str,
    pub(super) no_purpose: &'static str,
    pub(super) span: &'static str,
    pub(super) from: &'static str,
    pub(super) over: &'static str,
    pub(super) receipt_signed: &'static str,
    pub(super) receipt_mailed: &'static str,
    pub(super) no_receipt: &'static str,
    pub(super) unsent: &'static str,
    pub(super) handed_over: &'static str,
    pub(super) timeline: &'static str,
    pub(super) timeline_told: &'static str,
    pub(super) today: &'static str,
    pub(super) bar: &'static str,
    pub(super) bar_over: &'static str,
    pub(super) bar_open: &'static str,
}

/// Of what is over.
pub(super) struct EndedWords {
    pub(super) nothing: &'static str,
    pub(super) caption: &'static str,
    pub(super) columns: [&'static str; 5],
    pub(super) had: &'static str,
    pub(super) expired: &'static str,
    pub(super) revoked: &'static str,
    pub(super) withdrawn: &'static str,
    pub(super) superseded: &'static str,
    pub(super) left: &'static str,
    pub(super) deleted: &'static str,
    pub(super) refused: &'static str,
    pub(super) changed: &'static str,
    pub(super) unchanged: &'static str,
    pub(super) goes_on: &'static str,
    pub(super) changed_before: &'static str,
    pub(super) gone: &'static str,
    pub(super) no_secret: &'static str,
    pub(super) login_removed: &'static str,
    pub(super) login_left: &'static str,
    pub(super) deletion_signed: &'static str,
    pub(super) deletion_mailed: &'static str,
    pub(super) no_deletion: &'static str,
    pub(super) none_owed: &'static str,
    pub(super) copy: &'static str,
    pub(super) copy_until: &'static str,
    pub(super) unnamed_copy: &'static str,
}

/// Of days of use and of refusals.
pub(super) struct PastWords {
    pub(super) unused: &'static str,
    pub(super) used: &'static str,
    /// What was used and has no name any more.
    pub(super) removed: &'static str,
    pub(super) used_caption: &'static str,
    pub(super) used_columns: [&'static str; 3],
    pub(super) day_of_month: &'static str,
    pub(super) months: [&'static str; 12],
    pub(super) none_refused: &'static str,
    pub(super) refused: &'static str,
    pub(super) refused_caption: &'static str,
    pub(super) refused_columns: [&'static str; 4],
    pub(super) nothing_named: &'static str,
    /// Why something was refused, by the codes of the log; the last is for all others.
    pub(super) reasons: &'static [(&'static str, &'static str)],
    pub(super) other_reason: &'static str,
}

/// Of the client's rules.
pub(super) struct RuleWords {
    pub(super) none: &'static str,
    pub(super) own: &'static str,
    pub(super) unsaid: &'static str,
    pub(super) duties: &'static str,
    pub(super) signed: &'static str,
    pub(super) document: &'static str,
    pub(super) attested: &'static str,
}

/// Of incidents.
pub(super) struct ReportedIncidentWords {
    pub(super) none: &'static str,
    pub(super) caption: &'static str,
    pub(super) columns: [&'static str; 5],
    pub(super) number: &'static str,
    pub(super) unsaid: &'static str,
    pub(super) cause: &'static str,
    pub(super) measures: &'static str,
    pub(super) aware: &'static str,
    pub(super) told: &'static str,
    pub(super) untold: &'static str,
    pub(super) closed: &'static str,
    pub(super) open: &'static str,
}

/// Of how long it is kept, and how it ends.
pub(super) struct KeepWords {
    pub(super) until: &'static str,
    pub(super) over: &'static str,
    pub(super) open: &'static str,
    /// Where the work is over.
    pub(super) closed: &'static str,
    pub(super) agreed: &'static str,
    pub(super) backups: &'static str,
    pub(super) none: &'static str,
    pub(super) caption: &'static str,
    pub(super) columns: [&'static str; 5],
    pub(super) later: &'static str,
    pub(super) by: &'static str,
    pub(super) how: &'static str,
}

/// Of what a client can do.
pub(super) struct AdviceWords {
    pub(super) answer: &'static str,
    pub(super) change_yourself: &'static str,
    pub(super) unchanged: &'static str,
    pub(super) login_left: &'static str,
    pub(super) deletion: &'static str,
    pub(super) second_step: &'static str,
    pub(super) retention: &'static str,
    pub(super) rules: &'static str,
    pub(super) check: &'static str,
    pub(super) never_mail: &'static str,
    pub(super) own_password: &'static str,
    pub(super) wrong: &'static str,
}

/// Of what shows that all this is so.
pub(super) struct ProofWords {
    pub(super) heads: &'static str,
    pub(super) caption: &'static str,
    pub(super) columns: [&'static str; 3],
    pub(super) signature: &'static str,
    pub(super) limits: &'static str,
    pub(super) law: &'static str,
}

impl ReportWords {
    /// The words of a language.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &en::WORDS,
            Lang::De => &de::WORDS,
        }
    }
}
