//! Many events, and what a sentence says of numbers.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::{LogSeen, ReportFormat, ReportScope, ReportSet, gather, write};
use crate::crypto::SigningKey;
use crate::model::records::event::{Event, EventDraft, LogHead};
use crate::model::testing::{author, day, empty_vault, path, with_secret};
use crate::model::text::lang::Lang;

/// Events of ten years.
const EVENTS: i64 = 5_000;

#[test]
#[ignore = "measures time; .ci/run runs it"]
fn a_report_of_five_thousand_events_takes_less_than_a_second() {
    let mut vault = empty_vault();
    vault.identity.signing = SigningKey::generate().to_openssh_pem().unwrap().into();
    for client in 0..30 {
        for entry in 0..10 {
            let at = path(&format!("client{client}/entry{entry}"));
            vault.add(&at, with_secret("one"), &author(0)).unwrap();
        }
    }
    let ids: Vec<_> = vault
        .entries
        .all()
        .unwrap()
        .iter()
        .map(|it| it.id)
        .collect();
    let device = author(0).device;
    let mut head = LogHead::default();
    let events = (0..EVENTS).map(|at| {
        let time = day(0) + SignedDuration::from_hours(17 * at);
        let entry = ids[usize::try_from(at).unwrap() % ids.len()];
        let (text, next) = head.extend(EventDraft::new(time, "reveal", vec![entry]));
        head = next;
        (device, serde_json::from_str::<Event>(&text).unwrap())
    });
    let log = LogSeen {
        events: events.collect(),
        heads: vec![],
    };
    let scope = ReportScope {
        client: vault.client("client7").unwrap(),
        lang: Lang::De,
        since: None,
    };
    let now = day(4_000).to_zoned(TimeZone::UTC);
    let start = Instant::now();
    let (summary, left_out) = gather(&vault, &log, scope, &now).unwrap();
    for format in [ReportFormat::Md, ReportFormat::Html, ReportFormat::Json] {
        let text = write(ReportSet::One(&summary), format, now.time_zone()).unwrap();
        assert!(text.len() > 1_000);
    }
    let took = start.elapsed();
    assert!(left_out.is_empty());
    let uses: usize = summary.used.iter().map(|it| it.times).sum();
    assert!(uses > 150, "{uses}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}
