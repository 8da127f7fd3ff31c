//! Single values: texts, numbers, booleans, durations, CIDR blocks, ports and words.
//!
//! The rules are those of Go's yaml.v3, which existing manifests were written for: a scalar of any kind is a text where a
//! text is meant, a quoted number is no number, and `yes` or `off` are booleans where a boolean is meant.

use std::net::IpAddr;

use super::shape::Shape;
use crate::yaml::node::Style;

/// A single value that is written as a YAML scalar.
pub trait Scalar: Sized {
    /// Reads the scalar's text.
    ///
    /// # Errors
    /// What to do about a text that does not fit, when there is something to say.
    fn read(text: &str, style: Style) -> Result<Self, Option<String>>;

    /// What it takes.
    fn shape() -> Shape;

    /// The value a null stands for where a map of the user's keys holds one.
    fn from_null() -> Option<Self> {
        None
    }
}

impl Scalar for String {
    fn read(text: &str, _: Style) -> Result<Self, Option<String>> {
        Ok(text.to_owned())
    }

    fn shape() -> Shape {
        Shape::Text { what: "a text" }
    }

    fn from_null() -> Option<Self> {
        Some(String::new())
    }
}

impl Scalar for bool {
    fn read(text: &str, style: Style) -> Result<Self, Option<String>> {
        let value = match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => true,
            "false" | "no" | "off" | "n" => false,
            _ => return Err(None),
        };
        // yaml.v3 takes the words of YAML 1.1 also from quotes, but not the quoted `true` and `false`.
        if style != Style::Plain && matches!(text.to_ascii_lowercase().as_str(), "true" | "false") {
            return Err(Some(format!("write {value} without quotes")));
        }
        Ok(value)
    }

    fn shape() -> Shape {
        Shape::Boolean
    }
}

/// A whole number in any notation of YAML: decimal with `_`, `0x`, `0o`, `0b`, or a float without a fraction.
fn whole(text: &str) -> Option<i64> {
    let plain = text.replace('_', "");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let radix = |prefix: &str, radix: u32| {
        digits.strip_prefix(prefix).and_then(|digits| i64::from_str_radix(digits, radix).ok())
    };
    let octal = || digits.strip_prefix('0').and_then(|digits| i64::from_str_radix(digits, 8).ok());
    let value = radix("0x", 16)
        .or_else(|| radix("0o", 8))
        .or_else(|| radix("0b", 2))
        .or_else(octal)
        .or_else(|| digits.parse().ok())
        .or_else(|| {
            let float: f64 = digits.parse().ok()?;
            // 2^53: what a float holds exactly.
            (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
        })?;
    Some(sign * value)
}

fn integer(text: &str, style: Style, min: i64, max: i64) -> Result<i64, Option<String>> {
    let value = whole(text).ok_or(None)?;
    if style != Style::Plain {
        return Err(Some(format!("write {value} without quotes")));
    }
    if (min..=max).contains(&value) { Ok(value) } else { Err(None) }
}

macro_rules! integer {
    ($($ty:ty, $max:expr;)*) => {$(
        impl Scalar for $ty {
            fn read(text: &str, style: Style) -> Result<Self, Option<String>> {
                let value = integer(text, style, 0, $max)?;
                <$ty>::try_from(value).map_err(|_| None)
            }

            fn shape() -> Shape {
                Shape::Integer { min: 0, max: $max }
            }
        }
    )*};
}
integer! {
    u32, u32::MAX as i64;
    u64, i64::MAX;
}

/// A port is never 0: nothing can listen on it.
impl Scalar for u16 {
    fn read(text: &str, style: Style) -> Result<Self, Option<String>> {
        let value = integer(text, style, 1, u16::MAX.into())?;
        u16::try_from(value).map_err(|_| None)
    }

    fn shape() -> Shape {
        Shape::Integer { min: 1, max: u16::MAX as i64 }
    }
}

/// Percent, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Percent(pub u64);

impl Scalar for Percent {
    fn read(text: &str, style: Style) -> Result<Self, Option<String>> {
        let value = integer(text, style, 0, 100)?;
        Ok(Self(value.unsigned_abs()))
    }

    fn shape() -> Shape {
        Shape::Integer { min: 0, max: 100 }
    }
}

impl Scalar for f64 {
    fn read(text: &str, style: Style) -> Result<Self, Option<String>> {
        let value: f64 = text.replace('_', "").parse().map_err(|_| None)?;
        if style != Style::Plain {
            return Err(Some(format!("write {text} without quotes")));
        }
        if value.is_finite() { Ok(value) } else { Err(None) }
    }

    fn shape() -> Shape {
        Shape::Number
    }
}

/// A length of time as Go writes it: numbers with units (`ns`, `us`, `µs`, `ms`, `s`, `m`, `h`), such as `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Duration {
    nanos: i64,
}

impl Duration {
    /// A duration of whole seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self { nanos: seconds.saturating_mul(1_000_000_000) }
    }

    /// Nanoseconds; negative for a negative duration.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.nanos
    }

    /// Whole seconds, cut off; 0 for a negative duration.
    #[must_use]
    pub const fn secs(self) -> u64 {
        if self.nanos < 0 { 0 } else { (self.nanos / 1_000_000_000).unsigned_abs() }
    }

    /// Seconds with their fraction.
    #[must_use]
    pub fn secs_f64(self) -> f64 {
        self.nanos as f64 / 1e9
    }

    /// The duration that a text says.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest.is_empty() {
            return None;
        }
        let mut nanos: i128 = 0;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (whole, after) = rest.split_at(end);
            let (fraction, after) = match after.strip_prefix('.') {
                Some(after) => {
                    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
                    after.split_at(end)
                }
                None => ("", after),
            };
            if whole.is_empty() && fraction.is_empty() || whole.len() > 18 {
                return None;
            }
            let (unit, after) = [
                ("ns", 1),
                ("us", 1_000),
                ("µs", 1_000),
                ("μs", 1_000),
                ("ms", 1_000_000),
                ("s", 1_000_000_000),
                ("m", 60_000_000_000),
                ("h", 3_600_000_000_000_i128),
            ]
            .into_iter()
            .find_map(|(name, unit)| Some((unit, after.strip_prefix(name)?)))?;
            nanos += whole.parse::<i128>().unwrap_or(0) * unit;
            let mut digit = unit;
            for c in fraction.chars() {
                digit /= 10;
                nanos += i128::from(c.to_digit(10)?) * digit;
            }
            rest = after;
        }
        i64::try_from(if negative { -nanos } else { nanos }).ok().map(|nanos| Self { nanos })
    }
}

impl Scalar for Duration {
    fn read(text: &str, _: Style) -> Result<Self, Option<String>> {
        Self::parse(text).ok_or_else(|| {
            let bare = text.parse::<f64>().is_ok_and(f64::is_finite);
            bare.then(|| format!("a duration has a unit: write {text}s for seconds"))
        })
    }

    fn shape() -> Shape {
        Shape::Duration
    }
}

/// A block of addresses such as `10.0.0.0/16`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cidr(pub String);

impl Cidr {
    /// Reads a block.
    ///
    /// # Errors
    /// What to do about a text that is none, when there is something to say.
    pub fn check(text: &str) -> Result<Self, Option<String>> {
        if let Ok(address) = text.parse::<IpAddr>() {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            return Err(Some(format!("a single address is written {text}/{bits}")));
        }
        let (address, bits) = text.split_once('/').ok_or(None)?;
        let address: IpAddr = address.parse().map_err(|_| None)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let fits = bits.len() <= 3 && bits.bytes().all(|b| b.is_ascii_digit());
        match bits.parse::<u8>() {
            Ok(bits) if fits && bits <= most => Ok(Self(text.to_owned())),
            _ => Err(Some(format!("the part behind the slash is a number from 0 to {most}"))),
        }
    }
}

impl Scalar for Cidr {
    fn read(text: &str, _: Style) -> Result<Self, Option<String>> {
        Self::check(text)
    }

    fn shape() -> Shape {
        Shape::Pattern { what: "a CIDR block such as `10.0.0.0/16`", pattern: r"^[0-9a-fA-F.:]+/[0-9]{1,3}$" }
    }
}

/// A port with an optional protocol: `8080`, `53/udp`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortSpec {
    /// The port, 1 to 65535.
    pub number: u16,
    /// The protocol in lower case, if one is given.
    pub protocol: Option<String>,
}

impl Scalar for PortSpec {
    fn read(text: &str, _: Style) -> Result<Self, Option<String>> {
        let (number, protocol) = match text.split_once('/') {
            Some((number, protocol)) => (number, Some(protocol.to_ascii_lowercase())),
            None => (text, None),
        };
        let number = whole(number).filter(|_| number.bytes().all(|b| b.is_ascii_digit())).ok_or(None)?;
        match u16::try_from(number) {
            Ok(number) if number > 0 => Ok(Self { number, protocol }),
            _ => Err(Some("ports are numbers from 1 to 65535".to_owned())),
        }
    }

    fn shape() -> Shape {
        Shape::Pattern { what: "a port such as `8080` or `53/udp`", pattern: r"^[0-9]+(/[A-Za-z]+)?$" }
    }
}

/// Bounds of a count: `1-10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// The smaller number.
    pub min: u64,
    /// The larger number.
    pub max: u64,
}

impl Scalar for Range {
    fn read(text: &str, _: Style) -> Result<Self, Option<String>> {
        let (min, max) = text.split_once('-').ok_or(None)?;
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            if digits { text.parse().map_err(|_| None) } else { Err(None) }
        };
        Ok(Self { min: number(min)?, max: number(max)? })
    }

    fn shape() -> Shape {
        Shape::Pattern { what: "a range such as `1-10`", pattern: r"^[0-9]+-[0-9]+$" }
    }
}

/// Ports of a rule: `443` or `8000-8080`. `-1` stands for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PortRange {
    /// First port.
    pub from: i64,
    /// Last port.
    pub to: i64,
}

impl Scalar for PortRange {
    fn read(text: &str, _: Style) -> Result<Self, Option<String>> {
        if let Ok(port) = text.parse::<i64>() {
            return if (-1..=65535).contains(&port) { Ok(Self { from: port, to: port }) } else { Err(None) };
        }
        let (from, to) = text.split_once('-').ok_or(None)?;
        let port = |text: &str| text.parse::<u16>().map(i64::from).map_err(|_| None);
        Ok(Self { from: port(from)?, to: port(to)? })
    }

    fn shape() -> Shape {
        Shape::Pattern {
            what: "a port such as `443` or a range such as `8000-8080`",
            pattern: r"^(-?[0-9]+|[0-9]+-[0-9]+)$",
        }
    }
}

/// Defines a value that is one of some words, read in any case.
macro_rules! words {
    (
        $(#[doc = $doc:literal])+
        pub enum $name:ident { $($(#[doc = $word_doc:literal])+ $variant:ident = $word:literal,)+ }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[doc = $word_doc])+ $variant,)+ }

        impl $name {
            /// Its words.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word of the manifest.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl $crate::manifest::scalar::Scalar for $name {
            fn read(text: &str, _: $crate::yaml::node::Style) -> Result<Self, Option<String>> {
                $(if text.eq_ignore_ascii_case($word) { return Ok(Self::$variant); })+
                let near = $crate::manifest::shape::nearest(text, Self::WORDS.iter().copied());
                Err(near.map(|near| format!("did you mean `{near}`?")))
            }

            fn shape() -> $crate::manifest::shape::Shape {
                $crate::manifest::shape::Shape::Word { words: Self::WORDS }
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Scalar>(text: &str) -> Result<T, Option<String>> {
        T::read(text, Style::Plain)
    }

    #[test]
    fn booleans_in_both_versions_of_yaml() {
        for (text, want) in [("true", true), ("on", true), ("Y", true), ("No", false), ("FALSE", false)] {
            assert_eq!(read::<bool>(text), Ok(want), "{text}");
        }
        assert_eq!(bool::read("yes", Style::Quoted), Ok(true));
        assert!(bool::read("true", Style::Quoted).unwrap_err().unwrap().contains("without quotes"));
        assert_eq!(read::<bool>("1"), Err(None));
    }

    #[test]
    fn whole_numbers() {
        for (text, want) in [("80", 80), ("0x1F", 31), ("010", 8), ("1_000", 1000), ("256.0", 256), ("0", 0)]
        {
            assert_eq!(read::<u64>(text), Ok(want), "{text}");
        }
        for text in ["-1", "1.5", "many", "", "99999999999999999999", "1e400", "inf", "nan", "0x"] {
            assert!(read::<u64>(text).is_err(), "{text}");
        }
        assert!(u64::read("80", Style::Quoted).is_err());
        assert!(read::<u16>("0").is_err() && read::<u16>("65536").is_err());
    }

    #[test]
    fn durations_as_go_reads_them() {
        for (text, nanos) in [
            ("10s", 10_000_000_000_i64),
            ("1m30s", 90_000_000_000),
            ("1.5h", 5_400_000_000_000),
            ("500ms", 500_000_000),
            ("1µs", 1_000),
            ("-2s", -2_000_000_000),
            (".5s", 500_000_000),
        ] {
            assert_eq!(read::<Duration>(text).map(Duration::nanos), Ok(nanos), "{text}");
        }
        assert_eq!(read::<Duration>("2500ms").map(Duration::secs), Ok(2));
        for text in ["", "s", "10 s", "1d", ".s", "99999999999h", "5x"] {
            assert_eq!(read::<Duration>(text), Err(None), "{text}");
        }
        assert!(read::<Duration>("10").unwrap_err().unwrap().contains("10s"));
    }

    #[test]
    fn addresses_ports_and_ranges() {
        assert!(read::<Cidr>("10.0.0.0/16").is_ok() && read::<Cidr>("::/0").is_ok());
        assert!(read::<Cidr>("10.1.2.3").unwrap_err().unwrap().contains("10.1.2.3/32"));
        assert!(read::<Cidr>("10.0.0.0/33").is_err() && read::<Cidr>("10.0.0/8").is_err());
        assert_eq!(read::<PortSpec>("53/UDP"), Ok(PortSpec { number: 53, protocol: Some("udp".into()) }));
        assert!(read::<PortSpec>("0").is_err() && read::<PortSpec>("web").is_err());
        assert_eq!(read::<Range>("1-10"), Ok(Range { min: 1, max: 10 }));
        assert!(read::<Range>("-1-10").is_err() && read::<Range>("1 - 10").is_err());
        assert_eq!(read::<PortRange>("80-90"), Ok(PortRange { from: 80, to: 90 }));
        assert_eq!(read::<PortRange>("-1"), Ok(PortRange { from: -1, to: -1 }));
    }
}
