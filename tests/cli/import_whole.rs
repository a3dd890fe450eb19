//! `vault import`: a value is what the source has or is told, and never another one.

use serde_json::Value;

use crate::env::TestEnv;
use crate::import::{field, import, paths, show};

/// The reasons that an answer gives for what is not kept.
fn told(answer: &Value) -> String {
    answer["refused"].to_string() + &answer["skipped_rows"].to_string()
}

fn table(header: &str, cells: &[&str]) -> String {
    let quoted = cells.iter();
    let quoted = quoted.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
    let quoted: Vec<_> = quoted.collect();
    format!("{header}\n{}\n", quoted.join(","))
}

#[test]
fn a_form_of_lastpass_is_read_the_same_whatever_ends_its_lines() {
    for end in ["\n", "\r\n", "\r"] {
        let form = [
            "NoteType:Server",
            "Hostname:h",
            "Username:u",
            "Password:pw1",
            "Notes:one",
            "two",
        ];
        let env = TestEnv::ready();
        let header = "url,username,password,totp,extra,name,grouping,fav";
        let cells = ["http://sn", "", "", "", &form.join(end), "srv", "Acme", "0"];
        import(&env, table(header, &cells));
        assert_eq!(env.secret("Acme/srv"), "pw1", "{end:?}");
        assert_eq!(show(&env, "Acme/srv")["notes"], "one\ntwo");
        assert_eq!(field(&env, "Acme/srv", "Hostname"), "h");
    }
}
