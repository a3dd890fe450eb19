//! The languages of papers for people.

use super::words::words;

words! {
    /// A language that papers can be written in.
    #[derive(Default)]
    pub enum Lang {
        /// English.
        #[default]
        En = "en",
        /// German.
        De = "de",
    }
}

impl Lang {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::De];
}
