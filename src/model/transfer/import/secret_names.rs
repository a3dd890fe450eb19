//! What is a secret whatever its source says: by what it is called, or by what it holds.
//!
//! A program that exports a PIN or a seed as a field for everyone to see has not made it public.
//! Here every field of an import is held against the names that secrets have and the forms that
//! they come in; what fits one is hidden. A name that fits by accident costs a `--field`, a secret
//! that is shown cannot be taken back: where in doubt, it is hidden.

use unicode_normalization::UnicodeNormalization;

/// Words that name a secret when they stand alone in a name, as in `card PIN` or `wifi.psk`.
const WORDS: [&str; 21] = [
    "2fa", "answer", "answers", "csc", "cvc", "cvn", "cvv", "mfa", "otc", "pin", "pins", "psk",
    "puk", "puks", "pw", "seed", "seeds", "senha", "tan", "tfa", "wep",
];

/// Letters that name a secret wherever they stand in a name that is written without its
/// separators, as in `loginTotp`, `Recovery-Codes` or `twofasecret`.
const LETTERS: [&str; 81] = [
    "2factor",
    "2step",
    "accesscode",
    "accesskey",
    "activationcode",
    "antwort",
    "apikey",
    "authcode",
    "authenticationcode",
    "authenticator",
    "authkey",
    "authorizationcode",
    "backupcode",
    "backupkey",
    "backupphrase",
    "bearer",
    "cardcode",
    "cardnumber",
    "cardverification",
    "codesecret",
    "connectionstring",
    "contraseña",
    "credential",
    "creditcardn",
    "deploykey",
    "doorcode",
    "emergencycode",
    "encryptionkey",
    "geheim",
    "kennwort",
    "kreditkarte",
    "licencekey",
    "licensekey",
    "masterkey",
    "mnemonic",
    "motdepasse",
    "multifactor",
    "networkkey",
    "onetime",
    "otpauth",
    "parola",
    "passcode",
    "passkey",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "pincode",
    "presharedkey",
    "privatekey",
    "productkey",
    "prüfziffer",
    "pwd",
    "recoverycode",
    "recoverykey",
    "recoveryphrase",
    "recoveryword",
    "rescuecode",
    "resetcode",
    "restorecode",
    "scratchcode",
    "secondfactor",
    "secret",
    "securitycode",
    "seedphrase",
    "serialkey",
    "sessionkey",
    "sharedkey",
    "sicherheitscode",
    "signingkey",
    "socialsecurity",
    "sshkey",
    "token",
    "totp",
    "twofa",
    "twofactor",
    "twostep",
    "unlockcode",
    "verificationcode",
    "verificationvalue",
    "wiederherstellung",
];

/// Whether what is called so is a secret: seeds, PINs, codes of cards and of recovery, private
/// keys, passwords, tokens, answers to questions, in the spellings that programs and people use.
#[must_use]
pub fn names_secret(name: &str) -> bool {
    let words = if name.is_ascii() {
        words(name)
    } else {
        let name: String = name.nfkc().filter(|c| !is_invisible(*c)).collect();
        words(&name)
    };
    let letters: String = words.concat();
    // A private secretary is no secret.
    let letters = letters.replace("secretar", "");
    let names = |known: &&str| letters.contains(*known);
    words.iter().any(|word| is_word(word)) || LETTERS.iter().any(names)
}

/// Whether a value is a secret by its form: a private key in PEM or of age, a URI that holds a seed
/// or a password.
#[must_use]
pub fn holds_secret(value: &str) -> bool {
    let is_private_key = |line: &str| {
        let label = line.trim_start().strip_prefix("-----BEGIN ");
        label.is_some_and(|label| label.contains("PRIVATE KEY"))
            || line.contains("AGE-SECRET-KEY-")
            || line.contains("PuTTY-User-Key-File-")
    };
    let has_seed = |word: &str| {
        let scheme = word.get(..10).unwrap_or(word).to_ascii_lowercase();
        scheme.starts_with("otpauth://")
            || scheme.starts_with("otpauth-mi")
            || scheme.starts_with("steam://")
    };
    value.lines().any(is_private_key)
        || value.split_ascii_whitespace().any(has_seed)
        || (value.starts_with("key=") && value.contains("&step="))
        || value.split_ascii_whitespace().any(has_login)
}

fn has_login(word: &str) -> bool {
    without_login(word).is_some()
}

/// A URI without the name and the password that stand in it, as in `postgres://ann:secret@db/shop`;
/// none if there is no password.
pub(crate) fn without_login(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (login, host) = authority.rsplit_once('@')?;
    let (_, password) = login.split_once(':')?;
    (!password.is_empty()).then(|| format!("{scheme}://{host}{path}"))
}

fn is_word(word: &str) -> bool {
    let plain = word.trim_end_matches(|c: char| c.is_ascii_digit());
    WORDS.contains(&word)
        || WORDS.contains(&plain)
        || plain.starts_with("otp")
        || plain.ends_with("otp")
        || plain.ends_with("otps")
}

/// The words of a name in lower case: parted by what is no letter or digit, and where small letters
/// turn into capitals, as in `cardPin`.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut was_small = false;
    for c in name.chars() {
        let ends = !c.is_alphanumeric() || (was_small && c.is_uppercase());
        if ends && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        was_small = c.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Characters that part no word and show nothing: a soft hyphen, joiners, marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{holds_secret, names_secret, without_login};

    #[test]
    fn seeds_codes_keys_and_answers_are_secrets_in_every_spelling() {
        for name in [
            "totp",
            "TOTP Seed",
            "TOTP Settings",
            "otp",
            "login_totp",
            "otpauth",
            "OTPAuth",
            "otpurl",
            "HmacOtp-Secret",
            "HmacOtp-Counter",
            "TimeOtp-Secret-Base32",
            "HOTP",
            "2fa",
            "2FA secret",
            "twoFaSecret",
            "MFA",
            "mfa_code",
            "two-factor",
            "Two Step",
            "one-time password",
            "One Time Code",
            "onetimepassword",
            "PIN",
            "card pin",
            "pin2",
            "cardPin",
            "Wifi.PSK",
            "PUK",
            "CVV",
            "cvv2",
            "CVC",
            "Security Code",
            "security_code",
            "securityCode",
            "recovery codes",
            "RecoveryCode",
            "Backup-Codes",
            "rescue code",
            "scratch codes",
            "private key",
            "PrivateKey",
            "ssh key",
            "Passphrase",
            "pass-phrase",
            "API key",
            "apiKey",
            "API_KEY",
            "access token",
            "authToken",
            "Secret answer",
            "Antwort",
            "client secret",
            "recovery phrase",
            "seed phrase",
            "mnemonic",
            "Passwort",
            "PASSWORD",
            "old pwd",
            "ｐｉｎ",
            "P\u{ad}IN",
            "to\u{200b}tp",
            "card number",
            "Sicherheitscode",
            "Kennwort",
            "contraseña",
            "license key",
            "verification code",
        ] {
            assert!(names_secret(name), "{name}");
        }
    }

    #[test]
    fn names_of_what_anyone_may_see_are_no_secrets() {
        for name in [
            "",
            "field",
            "username",
            "Hostname",
            "port",
            "city",
            "zip code",
            "shipping",
            "opinion",
            "spinner",
            "phone number",
            "color",
            "secretary",
            "footprint",
            "hotplate",
            "answered by",
            "title",
            "url",
            "Ping",
            "Tandem",
            "public key",
            "passport holder",
            "expiry date",
        ] {
            assert!(!names_secret(name), "{name}");
        }
    }

    #[test]
    fn keys_seeds_and_logins_in_uris_are_secrets_by_their_form() {
        for value in [
            "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----",
            "see:\n  -----BEGIN RSA PRIVATE KEY-----",
            "AGE-SECRET-KEY-1X",
            "PuTTY-User-Key-File-3: ssh-ed25519",
            "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP",
            "OTPAUTH://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1",
            "steam://JBSWY3DP",
            "key=JBSWY3DP&step=30",
            "postgres://ann:hunter2@db/shop",
        ] {
            assert!(holds_secret(value), "{value}");
        }
        let plain = without_login("https://ann:p@w@a.example:8/x@y?z");
        assert_eq!(plain.as_deref(), Some("https://a.example:8/x@y?z"));
        for value in [
            "",
            "-----BEGIN PUBLIC KEY-----",
            "ssh-ed25519 AAAA ann",
            "https://a.example:8080/x@y:z",
            "https://ann@a.example",
            "key=1",
        ] {
            assert!(!holds_secret(value), "{value}");
        }
    }
}
