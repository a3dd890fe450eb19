//! What a share brings and what whoever takes it is bound to, as it is told before that is decided.

use jiff::Timestamp;

use crate::exchange::arrived::Arrived;
use crate::exchange::bundle::BundleItem;
use crate::exchange::consent_check::granted_by;
use crate::model::records::record_id::number;
use crate::model::text::visible::one_line;
use crate::ui::time::{local_time, relative};

/// The lines for people. `from` is what the sender is called here. Every text of the sender's is
/// kept to its line: a line of its own could pass for one of these.
pub(super) fn lines(arrived: &Arrived, from: &str, now: Timestamp) -> Vec<String> {
    let bundle = arrived.bundle();
    let (id, purpose) = (number(bundle.share), one_line(&bundle.purpose));
    let mut lines = vec![match &bundle.loan {
        Some(_) => format!("Share {id} from {from}, for: {purpose}"),
        None => format!("Handed over by {from}, number {id}:"),
    }];
    let mut line = |word: &str, text: &str| lines.push(format!("  {word}: {}", one_line(text)));
    if let Some(name) = &bundle.sender.name {
        line("sender, as they say", name);
    }
    line("client", bundle.client.called());
    for item in &bundle.items {
        line("entry", &described(item));
    }
    let Some(loan) = &bundle.loan else {
        lines.push("It is yours: it is bound to no terms, and does not end.".to_owned());
        return lines;
    };
    if let Some(who) = granted_by(loan) {
        line("allowed by", &who);
    }
    let until = loan.expires;
    let until = format!("{} ({})", local_time(until), relative(until, now));
    line("until", &until);
    lines.push("Whoever takes it keeps to this:".to_owned());
    let duties = loan.obligations.iter();
    lines.extend(duties.map(|duty| format!("  - {}", one_line(duty))));
    let rules = loan.rules.iter();
    lines.extend(rules.map(|rules| format!("  - the client's rules: {}", one_line(rules))));
    lines
}

/// Its name, where it is used and as whom, and what of it comes.
fn described(item: &BundleItem) -> String {
    let fields = item.fields.keys().map(String::as_str);
    let files = item.attachments.iter().map(|file| file.name.as_str());
    let parts: Vec<&str> = fields.chain(files).collect();
    let mut text = item.name.clone();
    if !item.hosts.is_empty() {
        text = format!("{text} at {}", item.hosts.join(", "));
    }
    if let Some(username) = &item.username {
        text = format!("{text} as {username}");
    }
    format!("{text} ({})", parts.join(", "))
}
