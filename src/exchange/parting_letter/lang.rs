//! The words of the letters about a contact who has left or lost the keys. `{name}` is filled in.

use crate::model::text::lang::Lang;

/// What stands in the letter to the contact.
pub(super) struct ContactWords {
    pub(super) title: &'static str,
    pub(super) opening: &'static str,
    /// In the place of a sender who is not noted.
    pub(super) nobody: &'static str,
    pub(super) ended: &'static str,
    pub(super) nothing: &'static str,
    pub(super) of_client: &'static str,
    pub(super) of_client_before: &'static str,
    pub(super) login: &'static str,
    pub(super) user: &'static str,
    pub(super) please: &'static str,
    /// Of all that went; of what was in a file; where keys are lost.
    pub(super) use_none: &'static str,
    pub(super) delete: &'static str,
    pub(super) new_keys: &'static str,
    pub(super) confirm: &'static str,
    pub(super) reply: &'static str,
    pub(super) deleted: &'static str,
    /// Before the commands that sign it.
    pub(super) or_attest: &'static str,
    pub(super) me: &'static str,
    pub(super) i_will: &'static str,
    pub(super) i_change: &'static str,
    pub(super) i_remove: &'static str,
    pub(super) i_tell: &'static str,
    pub(super) and: &'static str,
}

/// What stands in the letter to a client.
pub(super) struct ClientWords {
    pub(super) title: &'static str,
    pub(super) opening: &'static str,
    pub(super) what: &'static str,
    pub(super) happened: &'static str,
    pub(super) ended: &'static str,
    pub(super) ended_before: &'static str,
    pub(super) none_ended: &'static str,
    /// Of a permission that goes on for others.
    pub(super) for_them_alone: &'static str,
    pub(super) one_ended: &'static str,
    pub(super) several_ended: &'static str,
    /// Of requests without an answer; where nothing else is told, with a title and what happened.
    pub(super) one_void: &'static str,
    pub(super) several_void: &'static str,
    pub(super) title_void: &'static str,
    pub(super) happened_void: &'static str,
    pub(super) known: &'static str,
    pub(super) nothing_known: &'static str,
    pub(super) still_known: &'static str,
    pub(super) known_with_device: &'static str,
    pub(super) logins: &'static str,
    pub(super) still_logs_in: &'static str,
    pub(super) login: &'static str,
    pub(super) user: &'static str,
    /// Before what an entry is today.
    pub(super) now: &'static str,
    pub(super) me: &'static str,
    pub(super) i_change: &'static str,
    pub(super) i_remove: &'static str,
    pub(super) i_change_and_remove: &'static str,
    pub(super) i_do_nothing: &'static str,
    pub(super) you: &'static str,
    pub(super) you_do: &'static str,
    /// Where they have nothing to delete.
    pub(super) you_do_only: &'static str,
    pub(super) in_law: &'static str,
}

impl ContactWords {
    /// The words of a language, for who has left or for lost keys.
    pub(super) fn of(lang: Lang, is_lost: bool) -> &'static Self {
        match (lang, is_lost) {
            (Lang::En, false) => &CONTACT_LEFT,
            (Lang::En, true) => &CONTACT_LOST,
            (Lang::De, false) => &CONTACT_LEFT_DE,
            (Lang::De, true) => &CONTACT_LOST_DE,
        }
    }
}

impl ClientWords {
    /// The words of a language, for who has left or for lost keys.
    pub(super) fn of(lang: Lang, is_lost: bool) -> &'static Self {
        match (lang, is_lost) {
            (Lang::En, false) => &CLIENT_LEFT,
            (Lang::En, true) => &CLIENT_LOST,
            (Lang::De, false) => &CLIENT_LEFT_DE,
            (Lang::De, true) => &CLIENT_LOST_DE,
        }
    }
}

const CONTACT_LEFT: ContactWords = ContactWords {
    title: "END OF ACCESS",
    opening: "{sender} to {who.}\n\
              We no longer work together. With that, all access that you were given ended on {day}.",
    nobody: "[your name and address]",
    ended: "ENDED",
    nothing: "Nothing was in use any more.",
    of_client: "for {client}, number {number}",
    of_client_before: "for {client}, number {number}, over since {over}",
    login: "own login",
    user: "user",
    please: "PLEASE",
    use_none: "Use none of it any more.",
    delete: "Delete every copy: in a browser, in mail, in notes, on paper, in files and in backups.",
    new_keys: "",
    confirm: "CONFIRM",
    reply: "Reply to this with:",
    deleted: "DELETED",
    or_attest: "or send me what this writes:",
    me: "I",
    i_will: "will ",
    i_change: "change the passwords",
    i_remove: "remove your own logins",
    i_tell: "tell the clients",
    and: "and",
};

const CONTACT_LOST: ContactWords = ContactWords {
    title: "END OF ACCESS: A KEY IS LOST",
    opening: "{sender} to {who.}\n\
              A device or a key of yours has counted as lost since {since}. All access that was \
              given for it ended on {day}.",
    use_none: "Use none of it any more, on no device.",
    delete: "Delete every copy that you still have.",
    new_keys: "Make new keys; I will ask you for them by phone. Sign nothing with the old ones.",
    ..CONTACT_LEFT
};

const CONTACT_LEFT_DE: ContactWords = ContactWords {
    title: "ENDE DES ZUGANGS",
    opening: "{sender} an {who.}\n\
              Unsere Zusammenarbeit ist beendet. Damit endete am {day} jeder Zugang, den Sie \
              bekommen haben.",
    nobody: "[Ihr Name und Ihre Anschrift]",
    ended: "BEENDET",
    nothing: "Es war nichts mehr in Gebrauch.",
    of_client: "für {client}, Nummer {number}",
    of_client_before: "für {client}, Nummer {number}, beendet seit {over}",
    login: "eigener Zugang",
    user: "Benutzer",
    please: "BITTE",
    use_none: "Benutzen Sie nichts davon mehr.",
    delete: "Löschen Sie alle Kopien: im Browser, in E-Mails, in Notizen, auf Papier, in Dateien und \
             in Sicherungen.",
    new_keys: "",
    confirm: "BESTÄTIGEN",
    reply: "Antworten Sie hierauf mit:",
    deleted: "GELÖSCHT",
    or_attest: "oder schicken Sie mir, was dieser Befehl schreibt:",
    me: "ICH",
    i_will: "",
    i_change: "ändere die Passwörter",
    i_remove: "lösche Ihre eigenen Zugänge",
    i_tell: "sage den Kunden Bescheid",
    and: "und",
};

const CONTACT_LOST_DE: ContactWords = ContactWords {
    title: "ENDE DES ZUGANGS: EIN SCHLÜSSEL IST VERLOREN",
    opening: "{sender} an {who.}\n\
              Ein Gerät oder ein Schlüssel von Ihnen gilt seit dem {since} als verloren. Jeder \
              Zugang, der dafür erteilt war, endete am {day}.",
    use_none: "Benutzen Sie nichts davon mehr, auf keinem Gerät.",
    delete: "Löschen Sie alle Kopien, die Sie noch haben.",
    new_keys: "Erzeugen Sie neue Schlüssel; ich frage Sie am Telefon danach. Unterschreiben Sie mit \
               den alten nichts mehr.",
    ..CONTACT_LEFT_DE
};

const CLIENT_LEFT: ClientWords = ClientWords {
    title: "END OF A PERMISSION",
    opening: "{sender} to {client.}",
    what: "WHAT",
    happened: "{who} no longer works for me.",
    ended: "ENDED",
    ended_before: "Nothing of yours was still in use: all access had ended before.",
    none_ended: "All access that was given of yours ended on {day}.",
    for_them_alone: "for {who} alone; it goes on for the others",
    one_ended: "Your permission, number {numbers}, and all access under it ended on {day}.",
    several_ended: "Your permissions, numbers {numbers}, and all access under them ended on {day}.",
    one_void: "My request for a permission, number {numbers}, is void. You need not answer it any more.",
    several_void: "My requests for permissions, numbers {numbers}, are void. You need not answer them any \
                   more.",
    title_void: "A REQUEST IS VOID",
    happened_void: "{who} no longer works for me.",
    known: "KNOWN",
    nothing_known: "Nothing that is in use today.",
    still_known: "What has been seen cannot be unseen. Until it is changed, {who} still knows:",
    known_with_device: "What has been seen cannot be unseen. Until it is changed, whoever has the \
                        lost device may know this, not only {who}:",
    logins: "LOGINS",
    still_logs_in: "Until it is removed, {who} can still log in with:",
    login: "own login",
    user: "user",
    now: "today:",
    me: "I",
    i_change: "will change these passwords, or tell you at once that you have to. I will tell you \
               when that is done.",
    i_remove: "will remove that, or tell you at once that you have to. I will tell you when that is \
               done.",
    i_change_and_remove: "will change these passwords and remove these logins, or tell you at once \
                          that you have to. I will tell you when that is done.",
    i_do_nothing: "have nothing to change.",
    you: "YOU",
    you_do: "need not do anything now. I have asked {who} to delete everything and to confirm that to me.",
    you_do_only: "need not do anything now.",
    in_law: "",
};

const CLIENT_LOST: ClientWords = ClientWords {
    title: "A KEY TO ACCESS DATA OF YOURS IS LOST",
    happened: "{who} has lost a device or a key with which access data of yours can be opened. It \
               has counted as lost since {since}.",
    happened_void: "{who} has lost a device or a key. It opens nothing of yours that is in use today.",
    you: "PLEASE",
    you_do: "check whether anything there is different from how you last saw it, and tell me.",
    you_do_only: "check whether anything there is different from how you last saw it, and tell me.",
    in_law: "In law: this may be a personal data breach. I tell you without waiting for what comes of \
             it, Art.\u{a0}33(2) GDPR. Whether the supervisory authority has to be told, you decide; \
             if so, within 72\u{a0}hours of your becoming aware of it, Art.\u{a0}33(1).",
    ..CLIENT_LEFT
};

const CLIENT_LEFT_DE: ClientWords = ClientWords {
    title: "ENDE EINER ERLAUBNIS",
    opening: "{sender} an {client.}",
    what: "WAS",
    happened: "{who} arbeitet nicht mehr für mich.",
    ended: "BEENDET",
    ended_before: "Von Ihnen war nichts mehr in Gebrauch: Jeder Zugang war schon vorher beendet.",
    none_ended: "Jeder Zugang zu Ihren Daten, den ich erteilt hatte, endete am {day}.",
    for_them_alone: "nur für {who}; für die anderen gilt sie weiter",
    one_ended: "Ihre Erlaubnis Nummer {numbers} und jeder Zugang auf ihrer Grundlage endeten am \
                {day}.",
    several_ended: "Ihre Erlaubnisse mit den Nummern {numbers} und jeder Zugang auf ihrer Grundlage \
                    endeten am {day}.",
    one_void: "Meine Bitte um Erlaubnis, Nummer {numbers}, ist hinfällig. Sie brauchen nicht mehr darauf \
               zu antworten.",
    several_void: "Meine Bitten um Erlaubnis mit den Nummern {numbers} sind hinfällig. Sie brauchen nicht \
                   mehr darauf zu antworten.",
    title_void: "EINE BITTE UM ERLAUBNIS IST HINFÄLLIG",
    happened_void: "{who} arbeitet nicht mehr für mich.",
    known: "BEKANNT",
    nothing_known: "Nichts, was heute noch in Gebrauch ist.",
    still_known: "Was jemand gesehen hat, bleibt bekannt. Bis es geändert ist, kennt {who} noch:",
    known_with_device: "Was jemand gesehen hat, bleibt bekannt. Bis es geändert ist, kann das außer \
                        {who} auch kennen, wer das verlorene Gerät hat:",
    logins: "ZUGÄNGE",
    still_logs_in: "Bis zur Löschung kann sich {who} weiter anmelden mit:",
    login: "eigener Zugang",
    user: "Benutzer",
    now: "heute:",
    me: "ICH",
    i_change: "ändere diese Passwörter oder sage Ihnen sofort, dass Sie sie ändern müssen. Ich melde \
               Ihnen, wenn das erledigt ist.",
    i_remove: "lösche das oder sage Ihnen sofort, dass Sie es löschen müssen. Ich melde Ihnen, wenn \
               das erledigt ist.",
    i_change_and_remove: "ändere diese Passwörter und lösche diese Zugänge oder sage Ihnen sofort, \
                          dass Sie das tun müssen. Ich melde Ihnen, wenn das erledigt ist.",
    i_do_nothing: "habe nichts zu ändern.",
    you: "SIE",
    you_do: "müssen jetzt nichts tun. Ich habe {who} gebeten, alles zu löschen und mir das zu \
             bestätigen.",
    you_do_only: "müssen jetzt nichts tun.",
    in_law: "",
};

const CLIENT_LOST_DE: ClientWords = ClientWords {
    title: "EIN SCHLÜSSEL ZU IHREN ZUGANGSDATEN IST VERLOREN",
    happened: "{who} hat ein Gerät oder einen Schlüssel verloren, mit dem sich Zugangsdaten von Ihnen \
               öffnen lassen. Der Schlüssel gilt seit dem {since} als verloren.",
    happened_void: "{who} hat ein Gerät oder einen Schlüssel verloren. Von Ihnen lässt sich damit \
                    nichts öffnen, was heute in Gebrauch ist.",
    you: "BITTE",
    you_do: "sehen Sie nach, ob dort etwas anders ist als zuletzt, und sagen Sie mir dann sofort \
             Bescheid.",
    you_do_only: "sehen Sie nach, ob dort etwas anders ist als zuletzt, und sagen Sie mir dann \
                  sofort Bescheid.",
    in_law: "Rechtlich: Das kann eine Verletzung des Schutzes personenbezogener Daten sein. Ich melde \
             sie, ohne abzuwarten, was sich ergibt, Art.\u{a0}33 Abs.\u{a0}2 DSGVO. Ob sie der \
             Aufsichtsbehörde zu melden ist, entscheiden Sie; wenn ja, binnen 72\u{a0}Stunden, \
             nachdem sie Ihnen bekannt wurde, Art.\u{a0}33 Abs.\u{a0}1.",
    ..CLIENT_LEFT_DE
};
