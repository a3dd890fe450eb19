//! Seeds as other programs want them: one spelling for all.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::{STEAM_DIGITS, scheme};
use crate::model::text::secret::Secret;

/// The seed as a URI `otpauth://totp/ISSUER:ACCOUNT?secret=…`; one that is such a URI stays as it
/// is.
#[must_use]
pub fn to_uri(seed: &Secret, issuer: &str, account: &str) -> Secret {
    let text = seed.expose().trim();
    let (key, steam) = match scheme(text) {
        Some(("steam", key)) => (key, true),
        Some(_) => return Secret::new(text.to_owned()),
        None => (text, false),
    };
    let key: Zeroizing<String> = Zeroizing::new(
        key.chars()
            .filter(|c| !matches!(c, ' ' | '-' | '='))
            .map(|c| c.to_ascii_uppercase())
            .collect(),
    );
    let escaped = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let (issuer, account) = (escaped(issuer), escaped(account));
    let more = if steam {
        format!("&issuer=Steam&digits={STEAM_DIGITS}&period=30&encoder=steam")
    } else {
        format!("&issuer={issuer}&digits=6&period=30")
    };
    Secret::new(format!(
        "otpauth://totp/{issuer}:{account}?secret={}{more}",
        *key
    ))
}

#[cfg(test)]
mod tests {
    use super::to_uri;
    use crate::model::entry::totp::code;
    use crate::model::text::secret::Secret;

    #[test]
    fn a_seed_in_any_spelling_gives_the_same_codes_as_a_uri() {
        for seed in [
            "jbsw y3dp-ehpk 3pxp",
            "JBSWY3DPEHPK3PXP====",
            "steam://JBSWY3DPEHPK3PXP",
            "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&digits=8&period=60&algorithm=SHA256",
            "otpauth://steam/x?secret=JBSWY3DPEHPK3PXP",
        ] {
            let seed = Secret::new(seed.into());
            let uri = to_uri(&seed, "Acme & Co", "ann@acme.example");
            assert!(uri.expose().starts_with("otpauth://"));
            for now in [0, 1_700_000_000] {
                let both = [&seed, &uri].map(|seed| code(seed, now).unwrap().text);
                assert_eq!(both[0], both[1], "{}", uri.expose());
            }
        }
    }
}
