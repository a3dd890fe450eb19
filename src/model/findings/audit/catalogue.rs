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

/// Every rule of the audit.
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
        "ask-unanswered",
        "a request for credentials has no answer",
        "Whoever was asked may have forgotten it, or a mail system may have held the page back. Until \
         the request is closed its key stays, and a late answer opens.",
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
        "contact-agreement-unfiled",
        "of an agreement with a contact only the day is on record",
        "Papers name it by its day. What was agreed shows only from the paper itself: keep that \
         where you can show it.",
    ),
    text(
        "client-no-agreement",
        "no agreement with a client is on record",
        "The agreement says what you may do and how far you are liable. Keep what was signed where \
         you can show it.",
    ),
    text(
        "client-agreement-unfiled",
        "of an agreement with a client only the day is on record",
        "Papers name it by its day. What was agreed shows only from the paper itself: keep that \
         where you can show it.",
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
        "refused-by-host",
        "a site refuses the secret that is stored",
        "Somebody has changed it there, or closed the account: find out who, before you store another \
         one. The program that --verify-exec of vault rotate names has tried it.",
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
         before a system goes into use. One that is in no list is told by the tag was-default, until \
         it is rotated.",
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

/// The rules that a review or a look at the machine has beside.
pub const OTHER_RULES: &[RuleText] = &[
    text(
        "log-review-due",
        "nobody has looked at the log for three months",
        "What is out of the common shows in the log first: work at night, a new device, much shown \
         at once, refusals. Look at least every three months: vault review.",
    ),
    text(
        "vault",
        "the vault cannot be looked at",
        "What is damaged is worse with every day that it goes unseen: the copies that could mend it \
         grow old.",
    ),
    text(
        "permissions",
        "others can read or write files of the vault",
        "The vault is encrypted, but whoever can replace it can put an old one in its place, and \
         whoever can read it can guess at the password in peace.",
    ),
    text(
        "kdf",
        "a guess at the password costs little",
        "The slower the key is made from the password, the fewer guesses somebody has who took the \
         file.",
    ),
    text(
        "backup",
        "the last good copy is old, or on the same disk",
        "A disk that dies takes every copy on it along. Keep one elsewhere that was checked.",
    ),
    text(
        "recovery",
        "the password is the only way in",
        "A password that is forgotten cannot be asked for anywhere. A sheet of paper in a drawer is \
         a second way.",
    ),
    text(
        "unknown-key",
        "a key opens the vault that this device does not know",
        "Whoever has that key reads everything. It is another device of yours, or it is to go.",
    ),
    text(
        "limits",
        "the vault is near a limit of its size",
        "Past a limit nothing can be added. Empty the trash, or take out what is over.",
    ),
    text(
        "clock",
        "the clock was set back",
        "Ends of permissions and shares are told by the clock: one that is wrong lets them run on.",
    ),
    text(
        "git",
        "the vault lies in a git work tree that may publish it",
        "What was pushed once cannot be called back, and each commit keeps an old vault under the \
         password of its day.",
    ),
    text(
        "synced-folder",
        "the vault lies in a folder that another program syncs",
        "Two devices that write at once make two files there, and the service has a copy of each.",
    ),
    text(
        "disk",
        "the disk of the vault is not known to be encrypted",
        "The vault is encrypted by itself; what other programs make of it, and the rest of the work \
         for clients, is not. Turn the encryption of the disk on (LUKS, FileVault, BitLocker).",
    ),
    text(
        "swap",
        "memory may be written to a disk in the clear",
        "What is swapped out can be read from the disk long after. Encrypt swap, or keep it in \
         memory.",
    ),
    text(
        "hibernation",
        "hibernating writes all memory to a disk in the clear",
        "The image has every secret that was open then. Encrypt where it goes, or turn it off.",
    ),
    text(
        "locked-memory",
        "the master key may be swapped out",
        "The system lets programs lock little memory or none. Raise that limit.",
    ),
    text(
        "core-dumps",
        "a crash may write secrets to a file",
        "A core dump has the memory of a program in it, and lies about until somebody looks.",
    ),
    text(
        "edits",
        "an edit that was killed has left its text",
        "The text may have secrets in it. Take it away.",
    ),
    text(
        "exports",
        "passwords that another program exported lie about",
        "Such a file has them all in the clear, and stays in Downloads for years. Take it in, then \
         delete it.",
    ),
    text(
        "program-age",
        "this version of the program came out more than a year ago",
        "Software is to be kept up to date: holes that were found since are mended in newer \
         versions alone. Nothing is looked up on the net.",
    ),
    text(
        "path",
        "PATH may start another program by this one's name",
        "Whoever types its name may give the password to that program.",
    ),
    text(
        "agent",
        "the agent's folder is not yours alone",
        "Whoever can put a socket there can answer in the place of the agent.",
    ),
    text(
        "clipboard",
        "there is nothing to copy with",
        "What cannot be copied is read off the screen and typed, or left in a file.",
    ),
];

/// A rule by its name, of an audit, a review or a look at the machine.
#[must_use]
pub fn rule_text(rule: &str) -> Option<&'static RuleText> {
    let mut all = RULES.iter().chain(OTHER_RULES);
    all.find(|text| text.rule == rule)
}
