//! What whoever gets a share is bound to: one table, in every language of papers, and what is set
//! beside it for the vault, a contact or a client.

use crate::error::{Error, Result};
use crate::model::records::client::Client;
use crate::model::records::contact::Contact;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;
use crate::model::text::words::words;
use crate::model::vault::Vault;

/// What stands between the duties of a list that is set.
const SEPARATOR: char = ';';
/// What takes one of the usual duties away.
const OFF: &str = "=off";

words! {
    /// A duty that everyone has who gets a share, unless it is taken away.
    #[derive(PartialOrd, Ord)]
    pub enum Duty {
        /// It is for one purpose.
        Purpose = "purpose",
        /// It stays with them.
        PassingOn = "passing-on",
        /// It is in no mail.
        Mail = "mail",
        /// It is in no browser.
        Browser = "browser",
        /// It is in no notes.
        Notes = "notes",
        /// It is used in no network of strangers.
        Wifi = "wifi",
        /// Copies are known.
        Copies = "copies",
        /// It is deleted.
        Delete = "delete",
    }
}

impl Duty {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Purpose,
        Self::PassingOn,
        Self::Mail,
        Self::Browser,
        Self::Notes,
        Self::Wifi,
        Self::Copies,
        Self::Delete,
    ];

    /// The duty in a sentence.
    fn sentence(self, lang: Lang) -> &'static str {
        let [english, german] = match self {
            Self::Purpose => [
                "Use it for this purpose only.",
                "Nur für diesen Zweck benutzen.",
            ],
            Self::PassingOn => ["Do not pass it on.", "Nicht weitergeben."],
            Self::Mail => ["Do not send it by e-mail.", "Nicht per E-Mail schicken."],
            Self::Browser => [
                "Do not save it in a browser.",
                "Nicht im Browser speichern.",
            ],
            Self::Notes => [
                "Do not keep it in notes or drafts.",
                "Nicht in Notizen oder Entwürfen speichern.",
            ],
            Self::Wifi => [
                "Do not use it in an open Wi-Fi.",
                "Nicht in einem offenen WLAN benutzen.",
            ],
            Self::Copies => [
                "Keep a list of all copies.",
                "Eine Liste aller Kopien führen.",
            ],
            Self::Delete => [
                "Delete it at the end, and confirm that.",
                "Am Ende löschen und das bestätigen.",
            ],
        };
        match lang {
            Lang::En => english,
            Lang::De => german,
        }
    }

    /// Whether nobody can take it away: the permission itself says so.
    fn is_fixed(self) -> bool {
        matches!(self, Self::Purpose | Self::PassingOn | Self::Delete)
    }
}

/// One part of a list of duties as it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
enum DutyRule {
    On(Duty),
    Off(Duty),
    /// A duty in somebody's own words.
    Own(String),
}

/// Duties in their order: the usual ones, then others in somebody's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duties {
    usual: Vec<Duty>,
    own: Vec<String>,
}

impl Duties {
    /// The usual ones, changed by each of these lists in turn.
    ///
    /// # Errors
    /// As [`check_duties`].
    fn of(lists: &[&str]) -> Result<Self> {
        let mut duties = Self {
            usual: Duty::ALL.to_vec(),
            own: Vec::new(),
        };
        for rule in lists.iter().map(|list| rules(list)) {
            rule?.into_iter().for_each(|rule| duties.apply(rule));
        }
        Ok(duties)
    }

    fn apply(&mut self, rule: DutyRule) {
        match rule {
            DutyRule::On(duty) if !self.usual.contains(&duty) => {
                self.usual.push(duty);
                self.usual.sort_unstable();
            }
            DutyRule::Off(duty) => self.usual.retain(|it| *it != duty),
            DutyRule::Own(text) if !self.own.contains(&text) => self.own.push(text),
            DutyRule::On(_) | DutyRule::Own(_) => {}
        }
    }

    /// The same as texts that [`Self::from_texts`] reads: words, and own sentences.
    #[must_use]
    pub fn to_texts(&self) -> Vec<String> {
        let usual = self.usual.iter().map(ToString::to_string);
        usual.chain(self.own.iter().cloned()).collect()
    }

    /// Duties that were written down; what is no word of the table is somebody's own.
    #[must_use]
    pub fn from_texts(texts: &[String]) -> Self {
        let mut duties = Self::default();
        for text in texts {
            let own = || DutyRule::Own(one_line(text));
            duties.apply(text.parse().map_or_else(|_| own(), DutyRule::On));
        }
        duties
    }

    /// These, and what was promised elsewhere.
    #[must_use]
    pub fn and(mut self, promised: Self) -> Self {
        let usual = promised.usual.into_iter().map(DutyRule::On);
        let own = promised.own.into_iter().map(DutyRule::Own);
        usual.chain(own).for_each(|rule| self.apply(rule));
        self
    }

    /// Each in a sentence.
    #[must_use]
    pub fn sentences(&self, lang: Lang) -> Vec<String> {
        let usual = self.usual.iter().map(|duty| duty.sentence(lang).to_owned());
        usual.chain(self.own.iter().cloned()).collect()
    }

    /// All in one sentence, as what somebody else has to do; without those that a paper says in
    /// places of their own.
    #[must_use]
    pub fn in_one_sentence(&self, lang: Lang) -> String {
        let elsewhere = [Duty::Purpose, Duty::Delete];
        let usual = self.usual.iter().filter(|duty| !elsewhere.contains(duty));
        let usual = usual.map(|duty| {
            let sentence = duty.sentence(lang).trim_end_matches('.');
            first_letter(sentence.strip_prefix("Do ").unwrap_or(sentence), false)
        });
        let own = self
            .own
            .iter()
            .map(|text| text.trim_end_matches('.').to_owned());
        let all: Vec<String> = usual.chain(own).collect();
        match all.join("; ") {
            none if none.is_empty() => none,
            all => first_letter(&all, true) + ".",
        }
    }
}

fn first_letter(text: &str, upper: bool) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| {
        if upper {
            letter.to_uppercase().collect::<String>()
        } else {
            letter.to_lowercase().collect()
        }
    });
    first.unwrap_or_default() + letters.as_str()
}

fn rules(list: &str) -> Result<Vec<DutyRule>> {
    let parts = list.split(SEPARATOR).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(rule).collect()
}

fn rule(text: &str) -> Result<DutyRule> {
    let Some(word) = text.strip_suffix(OFF) else {
        return Ok(text
            .parse()
            .map_or_else(|_| DutyRule::Own(one_line(text)), DutyRule::On));
    };
    let duty: Duty = (word.trim().parse())
        .map_err(|why| Error::usage(format!("duties, {}: {why}", one_line(word))))?;
    if duty.is_fixed() {
        return Err(
            Error::usage(format!("the duty {duty} cannot be taken away"))
                .hint("a permission covers one purpose and one recipient, and ends"),
        );
    }
    Ok(DutyRule::Off(duty))
}

/// Refuses a list that takes away what is no duty, or what nobody can take away.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub fn check_duties(list: Option<&String>) -> Result<()> {
    list.map_or(Ok(()), |list| rules(list).map(drop))
}

impl Vault {
    /// What a contact is bound to who is given what is a client's: the usual, as the vault, the
    /// contact and the client change it, in this order.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for a list that a later version may have set.
    pub fn duties(&self, contacts: &[&Contact], client: &Client) -> Result<Duties> {
        let of_contacts = contacts.iter().map(|contact| contact.duties.value());
        let lists = std::iter::once(self.me.duties.value())
            .chain(of_contacts)
            .chain([client.duties.value()]);
        let lists: Vec<&str> = lists.flatten().map(String::as_str).collect();
        Duties::of(&lists)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duties, Duty, check_duties};
    use crate::model::text::lang::Lang;

    #[test]
    fn the_usual_duties_are_changed_by_each_list_in_turn() {
        let usual = Duties::of(&[]).unwrap();
        assert_eq!(usual.sentences(Lang::En).len(), Duty::ALL.len());
        let changed = Duties::of(&["browser=off; wifi=off", "", "Stay home.;wifi; Stay home."]);
        let changed = changed.unwrap().sentences(Lang::De);
        assert!(changed.contains(&"Nicht in einem offenen WLAN benutzen.".into()));
        assert!(!changed.contains(&"Nicht im Browser speichern.".into()));
        assert_eq!(changed.last().unwrap(), "Stay home.");
        assert_eq!(changed.len(), Duty::ALL.len());
    }

    #[test]
    fn what_was_written_down_is_read_again() {
        let duties = Duties::of(&["copies=off;Only by day"]).unwrap();
        assert_eq!(Duties::from_texts(&duties.to_texts()), duties);
        let promised = Duties::from_texts(&["copies".into(), "Only by day".into()]);
        let both = duties.and(promised).sentences(Lang::En);
        assert_eq!(both.len(), Duty::ALL.len() + 1);
        assert_eq!(both[6], "Keep a list of all copies.");
    }

    #[test]
    fn a_paper_says_them_in_one_sentence() {
        let duties = Duties::of(&["mail=off;notes=off;wifi=off;copies=off;Not at night."]);
        let duties = duties.unwrap();
        let english = "Not pass it on; not save it in a browser; Not at night.";
        assert_eq!(duties.in_one_sentence(Lang::En), english);
        let german = "Nicht weitergeben; nicht im Browser speichern; Not at night.";
        assert_eq!(duties.in_one_sentence(Lang::De), german);
        assert_eq!(Duties::default().in_one_sentence(Lang::En), "");
    }

    #[test]
    fn what_the_permission_itself_says_cannot_be_taken_away() {
        for bad in ["delete=off", "passing-on=off", "purpose=off", "nothing=off"] {
            assert!(check_duties(Some(&bad.to_owned())).is_err(), "{bad}");
        }
        check_duties(Some(&"mail = off; 1=2".to_owned())).unwrap();
    }
}
