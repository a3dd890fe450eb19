//! Who may wait until a person has answered. A machine that the agent is forwarded to can ask as
//! often as it likes: neither the person nor the programs of this machine are to be worn down by it.

use std::time::Duration;

use super::connection::SshConnection;
use crate::model::text::limits::{SSH_WAITING, SSH_WAITING_FORWARDED, SSH_WAITING_HOP};

/// How long nobody is asked for a machine after a no, or after no answer.
const QUIET: Duration = Duration::from_mins(1);
/// The same, after a program there has gone while it was asked for.
const QUIET_GONE: Duration = Duration::from_secs(5);

/// Why a question of a machine came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The answer was no, or there was none.
    No,
    /// The program has gone.
    Gone,
}

/// The machines for which nobody is asked for a while.
#[derive(Debug, Default)]
pub struct QuietHops(Vec<(String, Duration)>);

impl QuietHops {
    /// Asks nobody for a machine for a while.
    pub fn note(&mut self, hop: String, why: Unanswered, now: Duration) {
        let quiet = match why {
            Unanswered::No => QUIET,
            Unanswered::Gone => QUIET_GONE,
        };
        self.0.retain(|(_, until)| *until > now);
        self.0.push((hop, now.saturating_add(quiet)));
    }

    /// Whether nobody is asked for a machine.
    pub fn has(&self, hop: &str, now: Duration) -> bool {
        let mut all = self.0.iter();
        all.any(|(known, until)| known == hop && *until > now)
    }
}

/// Whether a connection may wait beside the `others`.
pub fn may_wait(new: &SshConnection, others: &[SshConnection]) -> bool {
    let waiting = || others.iter().filter(|it| it.waits_for.is_some());
    if waiting().count() >= SSH_WAITING {
        return false;
    }
    let Some(hop) = new.chain.hop() else {
        return true;
    };
    let hops = waiting().filter_map(|it| it.chain.hop());
    let hops: Vec<String> = hops.collect();
    let of_it = hops.iter().filter(|it| **it == hop).count();
    hops.len() < SSH_WAITING_FORWARDED && of_it < SSH_WAITING_HOP
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use super::{QuietHops, Unanswered, may_wait};
    use crate::agent::ssh::connection::SshConnection;
    use crate::agent::ssh::wire::SignAsk;
    use crate::model::ssh::binding::SessionBinding;

    fn connection(hop: Option<u8>, waits: bool) -> SshConnection {
        let (stream, _) = UnixStream::pair().unwrap();
        let mut new = SshConnection::new(1, stream, None, Duration::ZERO);
        if let Some(hop) = hop {
            assert!(new.chain.add(SessionBinding {
                host_key: vec![hop],
                session: vec![1],
                is_forwarding: true,
            }));
        }
        new.waits_for = waits.then(|| SignAsk {
            public: Vec::new(),
            data: Vec::new(),
        });
        new
    }

    #[test]
    fn a_few_wait_for_each_machine_and_some_for_all() {
        let mut others: Vec<SshConnection> = (0..4).map(|_| connection(Some(1), true)).collect();
        assert!(!may_wait(&connection(Some(1), false), &others));
        others.extend((0..40).map(|_| connection(Some(2), false)));
        assert!(
            may_wait(&connection(Some(2), false), &others),
            "those are silent"
        );
        others.extend((0..12).map(|at| connection(Some(3 + at / 4), true)));
        assert!(!may_wait(&connection(Some(9), false), &others));
        assert!(
            may_wait(&connection(None, false), &others),
            "of this machine"
        );
    }

    #[test]
    fn half_of_the_places_are_left_to_who_does_not_wait() {
        let mut others: Vec<SshConnection> = (0..63).map(|_| connection(None, true)).collect();
        assert!(may_wait(&connection(None, false), &others));
        others.push(connection(None, true));
        assert!(!may_wait(&connection(None, false), &others));
    }

    #[test]
    fn a_no_counts_for_a_minute_and_for_its_machine() {
        let at = Duration::from_secs;
        let mut quiet = QuietHops::default();
        quiet.note("one".into(), Unanswered::No, at(100));
        quiet.note("two".into(), Unanswered::Gone, at(100));
        assert!(quiet.has("one", at(159)) && !quiet.has("one", at(160)));
        assert!(quiet.has("two", at(104)) && !quiet.has("two", at(105)));
        assert!(!quiet.has("three", at(100)));
    }
}
