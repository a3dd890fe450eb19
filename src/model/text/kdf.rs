//! Parameters of Argon2id (RFC 9106), their floor for writing and their ceiling for reading.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

const MIB: u64 = 1024;
const GIB: u64 = 1024 * MIB;

/// Cost of Argon2id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KdfParams {
    /// Memory, in KiB.
    pub m: u32,
    /// Passes.
    pub t: u32,
    /// Lanes.
    pub p: u32,
}

impl Default for KdfParams {
    /// RFC 9106, section 4, second recommended option.
    fn default() -> Self {
        Self {
            m: 65_536,
            t: 3,
            p: 4,
        }
    }
}

impl KdfParams {
    /// Least memory and passes of OWASP's password storage cheat sheet.
    const FLOOR_M: u32 = 19_456;
    const FLOOR_T: u32 = 2;
    /// With more passes, memory may go down to this as long as the product does not.
    const FLOOR_M_TRADED: u32 = 7_168;

    /// Whether it costs less memory or less time than `other`.
    #[must_use]
    pub fn is_below(self, other: Self) -> bool {
        let time = |kdf: Self| u64::from(kdf.m) * u64::from(kdf.t);
        self.m < other.m || time(self) < time(other)
    }

    /// Refuses what is too cheap to write.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`], naming the floor.
    pub fn check_floor(self) -> Result<()> {
        let product = u64::from(self.m) * u64::from(self.t);
        let floor = u64::from(Self::FLOOR_M) * u64::from(Self::FLOOR_T);
        let by_the_book = self.m >= Self::FLOOR_M && self.t >= Self::FLOOR_T;
        let traded = self.m >= Self::FLOOR_M_TRADED && product >= floor;
        if by_the_book || traded {
            return Ok(());
        }
        Err(Error::refused(format!("{self} is too weak to protect a vault")).hint(
            "use at least m=19MiB,t=2; with m=7MiB or more, memory times passes must reach the same",
        ))
    }

    /// Refuses what would cost more than `limit` to read, before anything is allocated.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`], with both numbers.
    pub fn check_ceiling(self, limit: &KdfLimit) -> Result<()> {
        let over = |what: &str, asks: String, allowed: String| {
            Err(Error::integrity(format!(
                "unlock: the file asks for {what} {asks}, the limit is {allowed}"
            ))
            .hint("if this vault really is yours, raise the limit with --kdf-limit m=…,t=…,p=…"))
        };
        if self.p == 0 || self.t == 0 || u64::from(self.m) < 8 * u64::from(self.p) {
            return Err(Error::integrity(format!(
                "unlock: {self} are no parameters of Argon2"
            )));
        }
        if u64::from(self.m) > limit.m {
            return over("memory", kib(u64::from(self.m)), kib(limit.m));
        }
        if self.t > limit.t {
            return over("passes", self.t.to_string(), limit.t.to_string());
        }
        if self.p > limit.p {
            return over("lanes", self.p.to_string(), limit.p.to_string());
        }
        let product = u64::from(self.m) * u64::from(self.t);
        if product > limit.product {
            return over("memory times passes", kib(product), kib(limit.product));
        }
        Ok(())
    }
}

impl fmt::Display for KdfParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m={},t={},p={}", kib(u64::from(self.m)), self.t, self.p)
    }
}

impl FromStr for KdfParams {
    type Err = String;

    /// Reads `m=64MiB,t=3,p=4`; what is left out is the default's. Without a unit, `m` is in KiB.
    fn from_str(text: &str) -> Result<Self, String> {
        let defaults = Self::default();
        let given = Costs::parse(text)?;
        let m = given.m.unwrap_or(u64::from(defaults.m));
        Ok(Self {
            m: u32::try_from(m).map_err(|_| format!("m={} is more than Argon2 takes", kib(m)))?,
            t: given.t.unwrap_or(defaults.t),
            p: given.p.unwrap_or(defaults.p),
        })
    }
}

/// The most that a file may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfLimit {
    /// Memory, in KiB.
    pub m: u64,
    /// Passes.
    pub t: u32,
    /// Lanes.
    pub p: u32,
    /// Memory times passes, in KiB.
    pub product: u64,
}

impl Default for KdfLimit {
    fn default() -> Self {
        Self {
            m: 2 * GIB,
            t: 64,
            p: 16,
            product: 16 * GIB,
        }
    }
}

impl FromStr for KdfLimit {
    type Err = String;

    /// Reads `m=8GiB,t=…,p=…`; what is left out stays. The product follows where it must.
    fn from_str(text: &str) -> Result<Self, String> {
        let defaults = Self::default();
        let given = Costs::parse(text)?;
        let m = given.m.unwrap_or(defaults.m);
        let t = given.t.unwrap_or(defaults.t);
        Ok(Self {
            m,
            t,
            p: given.p.unwrap_or(defaults.p),
            product: defaults.product.max(m.saturating_mul(u64::from(t))),
        })
    }
}

/// The three numbers as a user writes them.
struct Costs {
    m: Option<u64>,
    t: Option<u32>,
    p: Option<u32>,
}

impl Costs {
    fn parse(text: &str) -> Result<Self, String> {
        let mut costs = Self {
            m: None,
            t: None,
            p: None,
        };
        for part in text.split(',') {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| format!("'{part}' is not NAME=VALUE, as in m=64MiB,t=3,p=4"))?;
            let value = value.trim();
            let is_first = match name.trim() {
                "m" => costs.m.replace(parse_kib(value)?).is_none(),
                "t" => costs.t.replace(parse_count(value)?).is_none(),
                "p" => costs.p.replace(parse_count(value)?).is_none(),
                other => return Err(format!("'{other}' is not one of m, t, p")),
            };
            if !is_first {
                return Err(format!("{} is named twice", name.trim()));
            }
        }
        Ok(costs)
    }
}

fn parse_count(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(0) => Err("0 is too few".into()),
        Ok(count) => Ok(count),
        Err(_) => Err(format!("'{text}' is not a whole number")),
    }
}

fn parse_kib(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text
        .get(digits.len()..)
        .unwrap_or_default()
        .to_ascii_lowercase()[..]
    {
        "" | "k" | "kib" => 1,
        "m" | "mib" => MIB,
        "g" | "gib" => GIB,
        "t" | "tib" => 1024 * GIB,
        unit => return Err(format!("'{unit}' is not one of KiB, MiB, GiB")),
    };
    let count: u64 = digits
        .parse()
        .map_err(|_| format!("'{text}' is not a size such as 64MiB"))?;
    match count.checked_mul(factor) {
        Some(0) => Err("0 is too little memory".into()),
        Some(size) => Ok(size),
        None => Err(format!("'{text}' is too large")),
    }
}

/// A size in the largest unit that divides it.
fn kib(size: u64) -> String {
    match size {
        0 => "0 KiB".into(),
        s if s % (1024 * GIB) == 0 => format!("{}TiB", s / (1024 * GIB)),
        s if s % GIB == 0 => format!("{}GiB", s / GIB),
        s if s % MIB == 0 => format!("{}MiB", s / MIB),
        s => format!("{s}KiB"),
    }
}

#[cfg(test)]
mod tests {
    use super::{KdfLimit, KdfParams};
    use crate::error::Kind;

    fn params(m: u32, t: u32, p: u32) -> KdfParams {
        KdfParams { m, t, p }
    }

    #[test]
    fn parses_what_it_prints() {
        for p in [
            KdfParams::default(),
            params(19_456, 2, 1),
            params(7_169, 9, 3),
        ] {
            assert_eq!(p.to_string().parse(), Ok(p));
        }
        assert_eq!("m=19MiB".parse(), Ok(params(19_456, 3, 4)));
        assert_eq!("m=19456,t=2,p=1".parse(), Ok(params(19_456, 2, 1)));
    }

    #[test]
    fn bad_parameters_say_what_is_wrong() {
        for bad in [
            "",
            "m",
            "m=",
            "m=x",
            "m=64MB",
            "q=1",
            "t=0",
            "t=-1",
            "m=0",
            "m=99999999999999999999TiB",
        ] {
            assert!(bad.parse::<KdfParams>().is_err(), "{bad}");
        }
        assert!(
            "m=5TiB".parse::<KdfParams>().is_err(),
            "beyond 32 bits of KiB"
        );
    }

    #[test]
    fn floor_is_owasp_or_the_same_product() {
        for good in [
            params(19_456, 2, 1),
            params(7_168, 6, 1),
            params(12_288, 4, 1),
            params(65_536, 1, 1),
        ] {
            assert!(good.check_floor().is_ok(), "{good}");
        }
        for bad in [
            params(19_455, 2, 1),
            params(7_167, 64, 1),
            params(7_168, 5, 1),
            params(19_456, 1, 1),
        ] {
            assert_eq!(
                bad.check_floor().unwrap_err().kind(),
                Kind::Refused,
                "{bad}"
            );
        }
    }

    #[test]
    fn ceiling_holds_for_each_cost_and_for_the_product() {
        let limit = KdfLimit::default();
        assert!(params(2 << 20, 8, 16).check_ceiling(&limit).is_ok());
        for bad in [
            params((2 << 20) + 1, 1, 1),
            params(65_536, 65, 1),
            params(65_536, 3, 17),
            params(2 << 20, 9, 1),
            params(8, 1, 2),
            params(0, 1, 1),
            params(65_536, 0, 1),
            params(65_536, 1, 0),
        ] {
            assert_eq!(
                bad.check_ceiling(&limit).unwrap_err().kind(),
                Kind::Integrity,
                "{bad}"
            );
        }
        let raised: KdfLimit = "m=8GiB,t=9".parse().unwrap();
        assert!(params(8 << 20, 9, 1).check_ceiling(&raised).is_ok());
    }
}
