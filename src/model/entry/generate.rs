//! Passwords and passphrases that nobody has to think of: what is drawn from, how long, and how
//! hard the outcome is to guess.
//!
//! Each character and each word is drawn uniformly and on its own; nothing is drawn again because
//! of how it looks, so that the bits are exactly what they are said to be. Words are those of the
//! Electronic Frontier Foundation's long list (CC BY 3.0 US).

use std::collections::BTreeSet;
use std::str::FromStr;

use diceware_wordlists::EFF_LONG_WORDLIST as WORDS;

use crate::error::{Error, Result};
use crate::model::text::limits::SEPARATOR_CHARS;
use crate::model::text::secret::Secret;

/// What a generated secret has at least, in bits.
const MIN_BITS: f64 = 40.0;
const LONGEST_WORD: usize = 9;
const LONGEST_CHAR: usize = 4;
/// Without quotes, the backslash and the backtick, which shells and configuration files take apart.
const SYMBOLS: &str = "!#$%&()*+,-./:;<=>?@[]^_{|}~";

/// The characters that a password is made of: at least two, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charset(Vec<char>);

impl Charset {
    /// Letters and digits of ASCII.
    pub fn letters_and_digits() -> Self {
        let letters = ('A'..='Z').chain('a'..='z');
        Self(letters.chain('0'..='9').collect())
    }

    /// Letters, digits and most symbols of ASCII.
    pub fn with_symbols() -> Self {
        let mut all = Self::letters_and_digits();
        all.0.extend(SYMBOLS.chars());
        all
    }

    fn bits(&self) -> f64 {
        bits_of(self.0.len())
    }
}

impl FromStr for Charset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains(char::is_control) {
            return Err("a password has no control characters".into());
        }
        let distinct: BTreeSet<char> = text.chars().collect();
        if distinct.len() < 2 {
            return Err("a password is made of at least two different characters".into());
        }
        Ok(Self(distinct.into_iter().collect()))
    }
}

/// What stands between the words of a passphrase; may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Separator(String);

impl Default for Separator {
    fn default() -> Self {
        Self("-".into())
    }
}

impl FromStr for Separator {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains(char::is_control) {
            return Err("a passphrase has no control characters".into());
        }
        if text.chars().count() > SEPARATOR_CHARS {
            return Err(format!(
                "a separator has at most {SEPARATOR_CHARS} characters"
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// What to generate, strong enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe(SecretKind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum SecretKind {
    Characters(Charset, u16),
    Words(u16, Separator),
}

impl Recipe {
    /// A password of `length` characters.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it could be guessed.
    pub fn characters(charset: Charset, length: u16) -> Result<Self> {
        let least = (MIN_BITS / charset.bits()).ceil();
        Self(SecretKind::Characters(charset, length)).if_strong(&format!("--length {least}"))
    }

    /// A passphrase of `count` words.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it could be guessed.
    pub fn words(count: u16, separator: Separator) -> Result<Self> {
        let least = (MIN_BITS / bits_of(WORDS.len())).ceil();
        Self(SecretKind::Words(count, separator)).if_strong(&format!("--words {least}"))
    }

    fn if_strong(self, enough: &str) -> Result<Self> {
        let bits = self.bits();
        if bits >= MIN_BITS {
            return Ok(self);
        }
        Err(Error::usage(format!(
            "that would have {bits} bits of entropy, a generated secret has at least {MIN_BITS}"
        ))
        .hint(format!("{enough} is enough")))
    }

    /// How hard the outcome is to guess: the logarithm of how many there are, all equally likely,
    /// rounded down to a tenth.
    pub fn bits(&self) -> f64 {
        let bits = match &self.0 {
            SecretKind::Characters(charset, length) => f64::from(*length) * charset.bits(),
            SecretKind::Words(count, _) => f64::from(*count) * bits_of(WORDS.len()),
        };
        (bits * 10.0).floor() / 10.0
    }

    /// Draws one. `below` gives a number below the one that it is given, each equally likely.
    pub fn draw(&self, mut below: impl FnMut(usize) -> usize) -> Secret {
        match &self.0 {
            SecretKind::Characters(charset, length) => password(charset, *length, &mut below),
            SecretKind::Words(count, separator) => passphrase(*count, separator, &mut below),
        }
    }
}

impl Default for Recipe {
    /// 24 characters of all kinds.
    fn default() -> Self {
        Self(SecretKind::Characters(
            Charset::with_symbols(),
            DEFAULT_CHARS,
        ))
    }
}

/// How long a password is unless something else is asked for, in characters.
pub const DEFAULT_CHARS: u16 = 24;

// Both reserve what they can need: a text that grows leaves copies behind.

fn password(charset: &Charset, length: u16, below: &mut impl FnMut(usize) -> usize) -> Secret {
    let mut text = String::with_capacity(usize::from(length) * LONGEST_CHAR);
    for _ in 0..length {
        text.extend(charset.0.get(below(charset.0.len())));
    }
    Secret::new(text)
}

fn passphrase(count: u16, separator: &Separator, below: &mut impl FnMut(usize) -> usize) -> Secret {
    let each = LONGEST_WORD + separator.0.len();
    let mut text = String::with_capacity(usize::from(count) * each);
    for at in 0..count {
        if at > 0 {
            text.push_str(&separator.0);
        }
        text.extend(WORDS.get(below(WORDS.len())).copied());
    }
    Secret::new(text)
}

/// The bits of one draw among `count`.
fn bits_of(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)).log2()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::{Charset, DEFAULT_CHARS, LONGEST_WORD, Recipe, Separator, WORDS};
    use crate::error::Kind;

    fn seeded() -> impl FnMut(usize) -> usize {
        from_seed(20_261_122)
    }

    fn from_seed(seed: u64) -> impl FnMut(usize) -> usize {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        move |count| random.gen_range(0..count)
    }

    fn characters(charset: &str, length: u16) -> Recipe {
        Recipe::characters(charset.parse().unwrap(), length).unwrap()
    }

    /// Pearson's statistic against the uniform distribution over `kinds` kinds, as the distance
    /// from its mean in standard deviations.
    fn deviation<T: std::hash::Hash + Eq>(draws: impl Iterator<Item = T>, kinds: usize) -> f64 {
        let mut counts: HashMap<T, u32> = HashMap::new();
        let mut all = 0;
        for draw in draws {
            *counts.entry(draw).or_default() += 1;
            all += 1;
        }
        assert!(counts.len() <= kinds, "{} of {kinds}", counts.len());
        let kinds = f64::from(u32::try_from(kinds).unwrap());
        let expected = f64::from(all) / kinds;
        let seen: f64 = counts
            .values()
            .map(|&count| (f64::from(count) - expected).powi(2) / expected)
            .sum();
        let unseen = (kinds - f64::from(u32::try_from(counts.len()).unwrap())) * expected;
        let degrees = kinds - 1.0;
        (seen + unseen - degrees) / (2.0 * degrees).sqrt()
    }

    #[test]
    fn characters_are_drawn_uniformly() {
        // A modulo of a byte would be off by tens: 256 is no multiple of any of these.
        for charset in [
            Charset::with_symbols(),
            Charset::letters_and_digits(),
            "abcde".parse().unwrap(),
            "äöü€🔑".parse().unwrap(),
        ] {
            let kinds = charset.0.len();
            let recipe = Recipe::characters(charset, 1024).unwrap();
            let mut random = seeded();
            let texts: Vec<_> = (0..200).map(|_| recipe.draw(&mut random)).collect();
            let off = deviation(texts.iter().flat_map(|text| text.expose().chars()), kinds);
            assert!(off.abs() < 5.0, "{kinds} kinds: {off}");
        }
    }

    #[test]
    fn each_place_of_a_password_is_drawn_uniformly() {
        let recipe = characters("abcdefghijk", 16);
        let mut random = seeded();
        let texts: Vec<_> = (0..20_000).map(|_| recipe.draw(&mut random)).collect();
        for place in 0..16 {
            let chars = texts.iter().map(|text| text.expose().as_bytes()[place]);
            let off = deviation(chars, 11);
            assert!(off.abs() < 5.0, "place {place}: {off}");
        }
    }

    #[test]
    fn words_are_drawn_uniformly() {
        let recipe = Recipe::words(64, " ".parse().unwrap()).unwrap();
        let mut random = seeded();
        let texts: Vec<_> = (0..3_000).map(|_| recipe.draw(&mut random)).collect();
        let words = texts.iter().flat_map(|text| text.expose().split(' '));
        let off = deviation(words, WORDS.len());
        assert!(off.abs() < 5.0, "{off}");
    }

    #[test]
    fn the_statistic_notices_a_bias() {
        // Bytes modulo 90: the first 76 letters come three times where the rest come twice.
        let biased = (0..204_800_u32).map(|n| (n % 256) % 90);
        assert!(deviation(biased, 90) > 100.0);
        let all_the_same = std::iter::repeat_n('a', 1000);
        assert!(deviation(all_the_same, 5) > 100.0);
    }

    #[test]
    fn the_default_is_24_characters_of_90() {
        let secret = Recipe::default().draw(seeded());
        assert_eq!(secret.expose().chars().count(), usize::from(DEFAULT_CHARS));
        assert_eq!(Charset::with_symbols().0.len(), 90);
        assert!((Recipe::default().bits() - 155.8).abs() < 1e-9);
    }

    #[test]
    fn duplicates_do_not_count_and_do_not_bias() {
        assert_eq!("aab".parse::<Charset>(), "ab".parse());
        assert!((characters("aaaaaaab", 40).bits() - 40.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_charset_or_separator_is_refused() {
        for bad in ["", "a", "aaa", "a\tb", "ab\n", "ab\u{7f}", "ab\u{85}"] {
            assert!(bad.parse::<Charset>().is_err(), "{bad:?}");
        }
        assert!("\n".parse::<Separator>().is_err());
        assert!("-".repeat(17).parse::<Separator>().is_err());
        assert!("".parse::<Separator>().is_ok());
    }

    #[test]
    fn what_could_be_guessed_is_refused_with_what_is_enough() {
        let weak = [
            (
                Recipe::characters("01".parse().unwrap(), 8),
                "8 bits",
                "--length 40",
            ),
            (
                Recipe::characters("01".parse().unwrap(), 39),
                "39 bits",
                "--length 40",
            ),
            (
                Recipe::characters("0123456789".parse().unwrap(), 12),
                "39.8 bits",
                "--length 13",
            ),
            (
                Recipe::words(3, Separator::default()),
                "38.7 bits",
                "--words 4",
            ),
        ];
        for (outcome, bits, enough) in weak {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(error.message().contains(bits), "{error:?}");
            assert!(error.next_step().unwrap().contains(enough), "{error:?}");
        }
        for (charset, length) in [("01", 40), ("0123456789abcdef", 10), ("0123456789", 13)] {
            characters(charset, length);
        }
        Recipe::words(4, Separator::default()).unwrap();
    }

    #[test]
    fn no_word_begins_another_so_that_any_separator_keeps_phrases_apart() {
        let mut words = WORDS.to_vec();
        words.sort_unstable();
        assert_eq!(words.len(), 7776);
        for pair in words.windows(2) {
            assert!(!pair[1].starts_with(pair[0]), "{pair:?}");
        }
        assert_eq!(
            words.iter().map(|word| word.len()).max(),
            Some(LONGEST_WORD)
        );
    }

    proptest! {
        #[test]
        fn a_password_has_its_length_and_only_characters_of_its_set(
            charset in "\\PC{2,60}",
            length in 40u16..200,
            seed in any::<u64>(),
        ) {
            let Ok(set) = charset.parse::<Charset>() else { return Ok(()) };
            let recipe = Recipe::characters(set, length).unwrap();
            let secret = recipe.draw(from_seed(seed));
            prop_assert_eq!(secret.expose().chars().count(), usize::from(length));
            prop_assert!(secret.expose().chars().all(|c| charset.contains(c)));
        }

        #[test]
        fn a_passphrase_has_its_count_of_words_of_the_list(
            count in 4u16..=64,
            separator in "[ .,_+=0-9]{1,16}",
            seed in any::<u64>(),
        ) {
            let recipe = Recipe::words(count, separator.parse().unwrap()).unwrap();
            let secret = recipe.draw(from_seed(seed));
            let words: Vec<_> = secret.expose().split(&separator).collect();
            prop_assert_eq!(words.len(), usize::from(count));
            prop_assert!(words.iter().all(|word| WORDS.contains(word)));
        }
    }
}
