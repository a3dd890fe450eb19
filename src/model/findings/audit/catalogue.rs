//! What each rule of the audit looks for, and why: the practice behind it.

/// A rule in words that name no record.
#[derive(Clone, Copy, Debug)]
pub struct RuleText {
    /// Its name, a stable word.
    pub rule: &'static str,
    /// What it finds.
    pub found: &'static str,
    /// Why that matters, and what to do.
    pub reason: &'static str,
}

const fn text(rule: &'static str, found: &'static str, reason: &'static str) -> RuleText {
    RuleText {
        rule,
        found,
        reason,
    }
}

/// Every rule.
pub const RULES: &[RuleText] = &[
    text(
        "share-ended-not-rotated",
        "somebody may know a secret that they may no longer use",
        "A password that somebody has seen is known until it is changed: an end of a share takes \
         back the permission, not the knowledge. Change it at the site; the finding goes when the \
         vault has the new one.",
    ),
    text(
        "login-left",
        "a login of a contact outlived their share",
        "An own login at the site works until it is removed there. Remove it, then say so with \
         vault grant --removed.",
    ),
    text(
        "rotation",
        "a secret is due by its own rule",
        "The entry says how often its secret is to change, mostly because the client or a contract \
         asks for that. Nothing is due by age alone otherwise (NIST SP 800-63B, 3.1.1.2).",
    ),
    text(
        "expired",
        "a credential has ended",
        "It fails when it is needed, or it works longer than was agreed.",
    ),
    text(
        "pending",
        "a rotation is begun and not confirmed",
        "While it is open nobody can tell which of the two secrets the site takes. Try the new one, \
         then confirm or abort.",
    ),
    text(
        "conflict",
        "two devices have changed an entry apart",
        "Until somebody chooses, one of the two is in use, and nobody can say that it is the right \
         one: it may be what get prints and what a share sends.",
    ),
    text(
        "request-unanswered",
        "a request for permission has no answer",
        "No answer is no permission. Ask again, or take the request back, so that a late yes does \
         not surprise anybody.",
    ),
    text(
        "receipt-missing",
        "a share was sent and not confirmed",
        "Without the receipt nobody can show that it arrived, who has it, and that the duties were \
         accepted. It may also be with somebody else.",
    ),
    text(
        "deletion-missing",
        "what came with a share is over and not confirmed as deleted",
        "Whoever was given a login is to delete it at the end and to say so (GDPR Art. 28(3)(g)). \
         Ask for the statement.",
    ),
    text(
        "deletion-owed",
        "what others lent you is past its end, and you have not signed that it is deleted",
        "You have promised to delete it. The statement is the proof that you did.",
    ),
    text(
        "permission-ending",
        "a permission ends within 14 days",
        "Shares end with it. Ask for more time before, or plan the rotation.",
    ),
    text(
        "permission-lapsed",
        "a permission that was only said has lapsed",
        "A yes by word holds for some days, so that work can begin; the written one did not come. \
         Nothing can be shared under it any more: ask for it in writing.",
    ),
    text(
        "permission-note-only",
        "a permission rests on a note of yours",
        "Credentials are not to be passed on without written permission: in a dispute a note of \
         your own proves little. A mail is enough.",
    ),
    text(
        "permission-pattern",
        "a permission covers entries of later days too",
        "A client can weigh only what is named. Least access means asking for the entries that the \
         work needs.",
    ),
    text(
        "retention-past",
        "credentials are kept longer than the client wants",
        "Data is kept no longer than its purpose needs (GDPR Art. 5(1)(e)). Give it back, or agree \
         on more time.",
    ),
    text(
        "share-review-due",
        "nobody has looked for three months whether a share is still needed",
        "Access outlives the work it was for. Look every three months whether each share is still \
         needed, and end what is not: vault review.",
    ),
    text(
        "permission-review-due",
        "a permission has stood for three months, and nothing is shared under it",
        "What nobody uses can only be misused. Say that it is still needed, or end it: vault review.",
    ),
    text(
        "contact-review-due",
        "a contact's access was not reviewed in time",
        "Who needs access changes. Look at least once a year whether each contact still does, and \
         end what they do not need: vault review.",
    ),
    text(
        "contact-unverified",
        "nobody has made sure of a contact who may have something",
        "A key proves that two messages are from one sender, not who that is. Compare the words of \
         the key by phone, and note the day.",
    ),
    text(
        "contact-no-agreement",
        "no agreement with a contact who may have something is on record",
        "If you pass a login on, you answer for what becomes of it. Whoever gets one signs an \
         agreement first (GDPR Art. 28(4)).",
    ),
    text(
        "client-no-agreement",
        "no agreement with a client is on record",
        "The agreement says what you may do and how far you are liable. Keep what was signed where \
         you can show it.",
    ),
    text(
        "client-no-person",
        "nobody of a client is on record who may give permission",
        "A permission is worth as much as the right of whoever gave it. Note who speaks for the \
         client before you need to ask.",
    ),
    text(
        "client-no-rules",
        "a client has not said how to log in",
        "Agree on how, when and where you log in: from which devices, on which networks, and who \
         is told.",
    ),
    text(
        "secret-leaked",
        "a secret stands in a list of leaked ones",
        "Lists like that are tried first, whoever it leaked from. It is not known that this login \
         was the one; change it all the same.",
    ),
    text(
        "incident-unchanged",
        "a secret that an incident reaches is still in use",
        "Change it at the site. Until then whoever has it can log in.",
    ),
    text(
        "incident-untold",
        "a client was not told of an incident that concerns them",
        "A processor tells the controller without undue delay, and does not weigh the risk first \
         (GDPR Art. 33(2)). The 72 hours to tell the authority are the client's, from when they are \
         told.",
    ),
    text(
        "secret-default",
        "a secret is preset, or is the user name",
        "Default passwords stand in public lists and are tried first. Change every one of them \
         before a system goes into use.",
    ),
    text(
        "secret-reused",
        "one secret is used twice",
        "When one site loses it, the other is open. Across clients one breach becomes everybody's.",
    ),
    text(
        "secret-weak",
        "a secret is easy to guess",
        "It is among the first hundred million guesses (zxcvbn, below 3 of 4), or it is made of \
         words that stand in the entry itself. Let the vault draw one.",
    ),
    text(
        "secret-short",
        "a secret is short",
        "Fewer than 12 characters are tried in days where a hash leaks, unless they are hard to \
         guess.",
    ),
    text(
        "secret-old",
        "a password is older than 90 days",
        "PCI DSS 4.0, 8.3.9 asks for a new one every 90 days where a password is the only factor. A \
         second factor settles it for good.",
    ),
    text(
        "no-second-factor",
        "a login has no second factor on record",
        "A stolen password alone opens it. Set up one-time codes or a key where the site has them; \
         note it where it has none.",
    ),
    text(
        "unused",
        "an entry was not used for 12 months",
        "What you do not hold cannot leak from you. Ask whether the client still needs it to be \
         with you, and give it back.",
    ),
];

/// A rule by its name.
#[must_use]
pub fn rule_text(rule: &str) -> Option<&'static RuleText> {
    RULES.iter().find(|text| text.rule == rule)
}
