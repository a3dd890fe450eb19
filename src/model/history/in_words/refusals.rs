//! Why something was refused, as people are told it.

use serde_json::Value;

use crate::model::records::event::Event;
use crate::model::ssh::verdict::SshRefusal;

/// Why one consent alone did not allow a share, as the log has it.
const REFUSALS: &[(&str, &str)] = &[
    ("assurance", "the consent is not sure enough"),
    ("cancelled", "the request was cancelled"),
    ("client", "the consent is of another client"),
    ("contact", "the consent is for somebody else"),
    ("ended", "the consent is over"),
    (
        "evidence",
        "what was given as the client's word does not prove it",
    ),
    ("expired", "the consent is over"),
    ("expires", "the consent ends sooner"),
    ("field", "the consent leaves a field out"),
    ("incident", "an incident began with them, and is open"),
    ("invalid", "the consent is not valid"),
    ("keys", "the consent is for other keys"),
    ("lapsed", "nobody answered the request in time"),
    ("not-yet", "the consent begins later"),
    ("nothing", "the consent covers no field of it"),
    ("refused", "the client said no"),
    ("requested", "the client has not answered"),
    ("revoked", "the consent was revoked"),
    ("scope", "the consent covers other entries"),
    ("superseded", "another consent took its place"),
    (
        "use-only",
        "it is for use only and the password was not given",
    ),
    ("withdrawn", "the consent is withdrawn"),
];

/// What the code of a refusal stands for.
pub(super) fn refusal_of(event: &Event, code: &Value) -> Option<&'static str> {
    let code = code.as_str().filter(|_| event.action == "refuse")?;
    let known = REFUSALS.iter().find(|(known, _)| *known == code);
    let told = known.map(|(_, told)| *told);
    told.or_else(|| SshRefusal::told(code))
}
