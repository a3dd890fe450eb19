//! Countries as German papers name them: those that clients and contacts of a freelancer here are
//! likely to be in. Any other stands as it was typed.

use crate::model::text::lang::Lang;

/// Names in English that are others in German.
const GERMAN: [(&str, &str); 37] = [
    ("Australia", "Australien"),
    ("Austria", "Österreich"),
    ("Belgium", "Belgien"),
    ("Brazil", "Brasilien"),
    ("Bulgaria", "Bulgarien"),
    ("Canada", "Kanada"),
    ("Croatia", "Kroatien"),
    ("Cyprus", "Zypern"),
    ("Czech Republic", "Tschechien"),
    ("Czechia", "Tschechien"),
    ("Denmark", "Dänemark"),
    ("Estonia", "Estland"),
    ("Finland", "Finnland"),
    ("France", "Frankreich"),
    ("Germany", "Deutschland"),
    ("Greece", "Griechenland"),
    ("Hungary", "Ungarn"),
    ("Iceland", "Island"),
    ("India", "Indien"),
    ("Ireland", "Irland"),
    ("Italy", "Italien"),
    ("Latvia", "Lettland"),
    ("Lithuania", "Litauen"),
    ("Luxembourg", "Luxemburg"),
    ("Netherlands", "Niederlande"),
    ("Norway", "Norwegen"),
    ("Poland", "Polen"),
    ("Romania", "Rumänien"),
    ("Serbia", "Serbien"),
    ("Slovakia", "Slowakei"),
    ("Slovenia", "Slowenien"),
    ("Spain", "Spanien"),
    ("Sweden", "Schweden"),
    ("Switzerland", "Schweiz"),
    ("Turkey", "Türkei"),
    ("United Kingdom", "Vereinigtes Königreich"),
    ("United States", "USA"),
];

/// A part of an address, which may be a country, in the language of a paper.
pub fn in_language(lang: Lang, part: String) -> String {
    let german = GERMAN.iter().find(|(english, _)| *english == part);
    match (lang, german) {
        (Lang::De, Some((_, german))) => (*german).to_owned(),
        _ => part,
    }
}
