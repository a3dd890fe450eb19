//! What changes an incident.

use super::super::affected::IncidentStart;
use super::{ClientTold, IncidentFields, IncidentNews};
use crate::error::Kind;
use crate::model::consent::permit::world::World;
use crate::model::testing::{author, day, fault, path, replacement};
use crate::model::vault::Vault;

#[test]
fn what_an_incident_reaches_is_due_until_it_is_changed_and_it_closes_only_when_all_is_said() {
    let mut world = World::new();
    let vault = &mut world.vault;
    let starts = [IncidentStart::Entry(path("acme/db"))];
    let affected = vault.affected(&starts, day(1), day(1)).unwrap();
    let opened = vault.open_incident("leak".into(), &starts, affected, day(1), &author(1));
    let id = opened.unwrap();
    assert_eq!(fault(vault), None);
    let due = |vault: &Vault| vault.due(None, day(2)).unwrap().len();
    assert_eq!(due(vault), 2);
    vault
        .rotate(&path("acme/db"), replacement("new"), &author(2))
        .unwrap();
    assert_eq!(due(vault), 1);
    let known = IncidentFields {
        cause: Some("a plug-in".into()),
        measures: Some("changed".into()),
        ..IncidentFields::default()
    };
    let news = IncidentNews {
        text: Some("seen".into()),
        fields: known,
        ..IncidentNews::default()
    };
    assert_eq!(
        vault.close_incident(id, &author(2)).unwrap_err().kind(),
        Kind::Usage
    );
    vault.update_incident(id, news, &author(2)).unwrap();
    assert_eq!(
        vault.close_incident(id, &author(2)).unwrap_err().kind(),
        Kind::Refused
    );
    for slug in ["acme", "globex"] {
        let client = vault.client(slug).unwrap().id;
        let told = ClientTold {
            at: day(2),
            by: "phone".to_owned(),
            replaces_first: false,
        };
        vault
            .tell_of_incident(id, client, told, &author(2))
            .unwrap();
    }
    vault.close_incident(id, &author(3)).unwrap();
    assert_eq!(
        due(vault),
        1,
        "what is closed has changed nothing at a site"
    );
    let late = vault.update_incident(id, IncidentNews::default(), &author(4));
    assert_eq!(late.unwrap_err().kind(), Kind::Refused);
    assert_eq!(fault(vault), None);
}

#[test]
fn an_incident_goes_on_to_be_of_a_contact_who_is_called_otherwise() {
    let mut world = World::new();
    let (bob, vault) = (world.bob, &mut world.vault);
    let starts = [IncidentStart::Contact("bob".parse().unwrap())];
    let reach = vault.affected(&starts, day(1), day(1)).unwrap();
    let opened = vault.open_incident("lost".into(), &starts, reach, day(1), &author(1));
    let began_with = |vault: &Vault, contact| {
        let found = vault.open_incident_from(contact).unwrap();
        found.map(|it| it.id)
    };
    let id = opened.unwrap();
    let stamp = vault.seen.next(author(1).device);
    let contact = vault.contacts.by_id_mut(bob).unwrap();
    contact.name.set(stamp, "bob-2".to_owned());
    assert_eq!(began_with(vault, bob), Some(id));
    assert_eq!(began_with(vault, world.eve), None);
    // One from before ids were noted has the name alone.
    let incident = vault.incidents.by_id_mut(id).unwrap();
    incident.contacts.clear();
    incident.causes = ["contact bob-2".to_owned()].into();
    assert_eq!(began_with(vault, bob), Some(id));
}
