//! Names, hashes, tags, times: the small values that objects are made of (resources 2 and 16).

use std::{collections::BTreeSet, ops::RangeInclusive};

use kargo_core::model::{Digest, Duration, FreightName, StageName, Timestamp};
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::select,
};

const ALNUM: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const WORD: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/// Labels that a careless YAML writer turns into something else than text.
const TREACHEROUS_LABELS: &[&str] =
    &["yes", "no", "on", "off", "true", "null", "y", "n", "1", "007", "0x1f", "1e3", "0o17", "12e03", "1-10"];

/// Names that people give.
const PLAIN_LABELS: &[&str] = &["cart", "dev", "test", "uat", "prod", "web", "api", "prod-eu", "stage-1", "hotfix"];

/// Texts over an alphabet; they shrink by losing characters and towards its first character.
pub fn chars(alphabet: &str, length: RangeInclusive<usize>) -> BoxedStrategy<String> {
    vec(select(alphabet.chars().collect::<Vec<_>>()), length).prop_map(String::from_iter).boxed()
}

/// A value or none, equally often.
pub(super) fn maybe<T>(strategy: impl Strategy<Value = T> + 'static) -> BoxedStrategy<Option<T>>
where
    T: std::fmt::Debug + 'static,
{
    option::of(strategy).boxed()
}

/// Up to `most` values.
pub(super) fn list<T>(strategy: impl Strategy<Value = T> + 'static, most: usize) -> BoxedStrategy<Vec<T>>
where
    T: std::fmt::Debug + 'static,
{
    vec(strategy, 0..=most).boxed()
}

/// At least one value, up to `most`.
pub(super) fn some<T>(strategy: impl Strategy<Value = T> + 'static, most: usize) -> BoxedStrategy<Vec<T>>
where
    T: std::fmt::Debug + 'static,
{
    vec(strategy, 1..=most).boxed()
}

/// A map of up to `most` entries.
pub(super) fn map<K, V>(
    key: impl Strategy<Value = K> + 'static,
    value: impl Strategy<Value = V> + 'static,
    most: usize,
) -> BoxedStrategy<std::collections::BTreeMap<K, V>>
where
    K: std::fmt::Debug + Ord + 'static,
    V: std::fmt::Debug + 'static,
{
    btree_map(key, value, 0..=most).boxed()
}

/// One of some texts; they shrink towards the first.
pub(super) fn one_of(texts: &'static [&'static str]) -> BoxedStrategy<String> {
    select(texts).prop_map(str::to_owned).boxed()
}

/// The values whose keys did not occur before.
pub(super) fn distinct<T, K: Ord>(values: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = BTreeSet::new();
    values.into_iter().filter(|value| seen.insert(key(value))).collect()
}

/// DNS labels of up to `longest` characters (at least 8): lower-case letters, digits and inner hyphens.
pub fn dns_label_of(longest: usize) -> BoxedStrategy<String> {
    let longest = longest.max(8);
    prop_oneof![
        6 => one_of(PLAIN_LABELS),
        3 => one_of(TREACHEROUS_LABELS),
        3 => chars("abcdefghij", 1..=6),
        2 => made_label(2..=8),
        1 => made_label(longest..=longest),
    ]
    .boxed()
}

/// Labels of at least two characters, any that are allowed.
fn made_label(length: RangeInclusive<usize>) -> BoxedStrategy<String> {
    let inner = length.start().saturating_sub(2)..=length.end().saturating_sub(2);
    (chars(ALNUM, 1..=1), chars("-abcxyz019", inner), chars(ALNUM, 1..=1)).prop_map(|(a, b, c)| a + &b + &c).boxed()
}

/// DNS labels (pattern DNSLABEL of resources 2), up to the full 63 characters.
pub fn dns_label() -> BoxedStrategy<String> {
    dns_label_of(63)
}

/// Names of objects (pattern NAME of resources 2), from one character to nearly 253, with and without dots.
pub fn name() -> BoxedStrategy<String> {
    prop_oneof![
        8 => dns_label(),
        2 => one_of(&["1.10", "v1.2", "a.b.c", "1e3.5", "0.0"]),
        2 => vec(dns_label_of(20), 2..=3).prop_map(|labels| labels.join(".")),
        1 => vec(made_label(50..=62), 4..=4).prop_map(|labels| labels.join(".")),
    ]
    .boxed()
}

/// Names of objects of at most 63 characters, which are label values too.
pub fn short_name() -> BoxedStrategy<String> {
    prop_oneof![4 => dns_label(), 1 => vec(dns_label_of(20), 2..=3).prop_map(|labels| labels.join("."))].boxed()
}

/// Names of projects: namespaces, so DNS labels.
pub fn project_name() -> BoxedStrategy<String> {
    dns_label_of(40)
}

/// Names of Stages.
pub fn stage_name() -> BoxedStrategy<StageName> {
    name().prop_map(StageName::from).boxed()
}

/// Names of variables (pattern VARNAME of resources 2).
pub fn var_name() -> BoxedStrategy<String> {
    prop_oneof![
        3 => one_of(&["image", "tag", "_", "env", "yes", "null", "TRUE", "y", "_1", "camelCase", "nan"]),
        2 => (chars("abcXYZ_", 1..=1), chars(WORD, 0..=12)).prop_map(|(first, rest)| first + &rest),
    ]
    .boxed()
}

/// Whole seconds of this century, the only instants that manifests can write.
pub fn timestamp() -> BoxedStrategy<Timestamp> {
    (946_684_800_i64..4_102_444_800)
        .prop_map(|seconds| Timestamp::from_timestamp(seconds, 0).unwrap_or_default())
        .boxed()
}

/// Spans that the pattern DUR of resources 2 can spell: a second or more, perhaps with a fraction.
pub fn dur() -> BoxedStrategy<Duration> {
    const SECOND: i64 = 1_000_000_000;
    prop_oneof![
        4 => select(&[1_i64, 30, 59, 60, 90, 300, 3600, 5400, 86_400, 604_800][..]).prop_map(Duration::from_secs),
        2 => (1_i64..10_000_000).prop_map(Duration::from_secs),
        1 => (1_i64..100_000, 0_i64..1000).prop_map(|(s, ms)| Duration::from_nanos(s * SECOND + ms * 1_000_000)),
        1 => (1_i64..100, 0..SECOND).prop_map(|(s, ns)| Duration::from_nanos(s * SECOND + ns)),
    ]
    .boxed()
}

/// Any span that is not negative: also zero, milliseconds, microseconds and nanoseconds, which DUR cannot spell.
pub fn any_duration() -> BoxedStrategy<Duration> {
    prop_oneof![
        4 => dur(),
        1 => Just(Duration::ZERO),
        2 => select(&[1_i64, 999, 1_500, 10_000, 300_000_000, 1_500_000][..]).prop_map(Duration::from_nanos),
        1 => (0..=i64::MAX).prop_map(Duration::from_nanos),
    ]
    .boxed()
}

/// Lower-case hex digits, made of one number so that they are cheap and shrink to zeros.
pub fn hex(digits: usize) -> BoxedStrategy<String> {
    any::<u64>()
        .prop_map(move |seed| {
            let mut text = String::with_capacity(digits + 16);
            let mut block = seed;
            while text.len() < digits {
                text.push_str(&format!("{block:016x}"));
                block = block.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
            }
            text.truncate(digits);
            text
        })
        .boxed()
}

/// Ids of commits, freight and collections: 40 hex digits, some of digits only.
pub fn sha1_hex() -> BoxedStrategy<String> {
    prop_oneof![8 => hex(40), 1 => chars("0123456789", 40..=40)].boxed()
}

/// Names of freight. They are ids in form only: nothing here computes what freight is made of.
pub fn freight_name() -> BoxedStrategy<FreightName> {
    sha1_hex().prop_map(FreightName::from).boxed()
}

/// Digests of content (resources 7.2).
pub fn digest() -> BoxedStrategy<Digest> {
    prop_oneof![8 => hex(64).prop_map(|hex| format!("sha256:{hex}")), 1 => hex(128).prop_map(|hex| format!("sha512:{hex}"))]
        .prop_map(Digest::from)
        .boxed()
}

/// UUIDs of version 4.
pub fn uuid() -> BoxedStrategy<String> {
    (hex(8), hex(4), hex(3), hex(3), hex(12)).prop_map(|(a, b, c, d, e)| format!("{a}-{b}-4{c}-8{d}-{e}")).boxed()
}

/// ULIDs in lower case, as names of promotions hold them (resources 16.4); later numbers sort after earlier ones.
pub fn ulid() -> BoxedStrategy<String> {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    (0_u64..1 << 45, any::<u64>())
        .prop_map(|(high, low)| {
            let number = u128::from(high) << 64 | u128::from(low);
            (0..26).rev().map(|place| char::from(DIGITS[(number >> (place * 5)) as usize % 32])).collect()
        })
        .boxed()
}

/// Actors (resources 15.5).
pub fn actor() -> BoxedStrategy<String> {
    one_of(&[
        "admin",
        "email:jo@acme.io",
        "controller:main",
        "subject:0f1e",
        "kubernetes:system:serviceaccount:ops:bot",
        "unknown actor",
        "groups:release managers",
    ])
}

/// Tokens of annotation `refresh` (resources 15.2).
pub fn refresh_token() -> BoxedStrategy<String> {
    one_of(&["2026-11-24T14:02:00Z", "2026-11-24T14:02:01Z", "now", "1", "again: please"])
}
