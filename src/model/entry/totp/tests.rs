use proptest::prelude::*;

use super::{check, code};
use crate::model::text::secret::Secret;

/// The seed of RFC 6238, appendix B: ASCII digits, repeated to the length of each hash.
const SEED_20: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const SEED_32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
const SEED_64: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA";

fn at(seed: &str, now: u64) -> String {
    let code = code(&Secret::new(seed.into()), now).unwrap();
    code.text.expose().to_owned()
}

fn refused(seed: &str) -> String {
    let why = check(&Secret::new(seed.into())).unwrap_err();
    assert!(!why.message().contains("JBSW"), "{why}");
    why.message().to_owned()
}

#[test]
fn the_vectors_of_rfc_6238_come_out() {
    let uri = |seed: &str, algorithm: &str| {
        format!("otpauth://totp/x?secret={seed}&algorithm={algorithm}&digits=8")
    };
    for (now, sha1, sha256, sha512) in [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ] {
        assert_eq!(at(&uri(SEED_20, "SHA1"), now), sha1);
        assert_eq!(at(&uri(SEED_32, "sha256"), now), sha256);
        assert_eq!(at(&uri(SEED_64, "HmacSHA512"), now), sha512);
    }
}

#[test]
fn however_a_seed_is_spelt_the_code_is_the_same() {
    for seed in [
        "JBSWY3DPEHPK3PXP",
        " jbsw y3dp ehpk 3pxp\n",
        "JBSW-Y3DP-EHPK-3PXP",
        "JBSWY3DPEHPK3PXP====",
        "otpauth://totp/Acme:bob?secret=JBSWY3DPEHPK3PXP&issuer=Acme",
        "OTPAUTH://TOTP/Acme:bob?issuer=Acme&secret=jbsw+y3dp%20ehpk3pxp",
        "otpauth://totp/Acme%3Abob?secret=JBSWY3DPEHPK3PXP%3D%3D&period=30&digits=6&algorithm=SHA-1",
    ] {
        assert_eq!(at(seed, 0), "282760", "{seed}");
    }
}

#[test]
fn steam_has_codes_of_its_own() {
    for seed in [
        "otpauth://steam/Boeing:Sophia?secret=JRZCL47CMXVOQMNPZR2F7J4RGI&issuer=Boeing&algorithm=SHA1&digits=5&period=30",
        "otpauth://totp/Steam:Sophia?secret=JRZCL47CMXVOQMNPZR2F7J4RGI&issuer=Steam",
        "otpauth://totp/x?secret=JRZCL47CMXVOQMNPZR2F7J4RGI&encoder=steam",
        "steam://JRZCL47CMXVOQMNPZR2F7J4RGI",
    ] {
        // Computed with Python's hmac from the alphabet 23456789BCDFGHJKMNPQRTVWXY.
        assert_eq!(at(seed, 1_700_000_000), "747JR", "{seed}");
    }
    let plain = "otpauth://totp/Steam:x?secret=JBSWY3DPEHPK3PXP&issuer=Steam&digits=6";
    assert_eq!(at(plain, 0), "282760");
}

#[test]
fn a_code_is_good_until_its_period_ends() {
    let left = |seed: &str, now| code(&Secret::new(seed.into()), now).unwrap().seconds_left;
    assert_eq!(left(SEED_20, 0), 30);
    assert_eq!(left(SEED_20, 29), 1);
    assert_eq!(left(SEED_20, 30), 30);
    let long = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=86400";
    assert_eq!(left(long, 86_399), 1);
    assert_eq!(at(long, 1), at(long, 86_399));
    assert_ne!(at(long, 86_399), at(long, 86_400));
}

#[test]
fn what_no_code_can_be_made_of_is_refused_without_repeating_it() {
    for seed in [
        "",
        "12345678",
        "JBSW",
        "JBSWY3DPEHPK3PX!",
        "JBSWY3DPEHPK3PXÉ",
        "otpauth://totp/Acme:bob?issuer=Acme",
        "otpauth://totp/Acme:bob",
        "otpauth://other/x?secret=JBSWY3DPEHPK3PXP",
        "https://example.com/?secret=JBSWY3DPEHPK3PXP",
    ] {
        assert_eq!(refused(seed), "that is not a one-time-code seed", "{seed}");
    }
    for (parameters, reason) in [
        ("digits=5", "6, 7 and 8"),
        ("digits=9", "6, 7 and 8"),
        ("digits=256", "digits"),
        ("digits=six", "digits"),
        ("period=0", "period"),
        ("period=-30", "period"),
        ("period=4294967296", "period"),
        ("algorithm=MD5", "algorithm"),
    ] {
        let why = refused(&format!(
            "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&{parameters}"
        ));
        assert!(why.contains(reason), "{parameters}: {why}");
    }
    let counted = refused("otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1");
    assert!(counted.contains("counted"), "{counted}");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(otpauth://(totp|steam)/)?[ -~]{0,60}", now: u32) {
        let _ = code(&Secret::new(text), now.into());
    }

    #[test]
    fn any_period_and_number_of_digits_in_range_is_made(
        period in 1_u32.., digits in 6_u8..=8, now: u64
    ) {
        let uri = format!("otpauth://totp/x?secret={SEED_20}&period={period}&digits={digits}");
        let made = code(&Secret::new(uri), now).unwrap();
        prop_assert_eq!(made.text.expose().len(), usize::from(digits));
        prop_assert!((1..=u64::from(period)).contains(&made.seconds_left));
    }
}
