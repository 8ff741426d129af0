//! Free texts that are hard on readers and writers, and texts with a meaning: expressions, patterns, constraints.

use kargo_core::model::Tag;
use proptest::{prelude::*, sample::select};

use super::scalar::{chars, one_of};

/// Texts that YAML reads as something else unless they are quoted, or that are hard to quote.
const NASTY: &[&str] = &[
    "plain",
    "yes",
    "No",
    "on",
    "OFF",
    "true",
    "null",
    "Null",
    "~",
    " ",
    "''",
    "\"\"",
    "{}",
    "[]",
    "-",
    "--",
    "---",
    "...",
    "- x",
    "key: value",
    "key:",
    ": value",
    "a #b",
    "# comment",
    "a: b: c",
    "1.10",
    "010",
    "0x1F",
    "0o17",
    "1e3",
    "1_000",
    "+1",
    ".5",
    "-.inf",
    ".NaN",
    "NaN",
    "2026-11-24",
    "2026-11-24T14:02:00Z",
    "12:30:45",
    "=",
    "<<",
    "? q",
    "! tag",
    "!tag",
    "&anchor",
    "*alias",
    "@at",
    "`tick`",
    "%TAG",
    "%",
    "| block",
    "|",
    ">",
    "> fold",
    " leading",
    "trailing ",
    "  both  ",
    "\ttab",
    "tab\tinside",
    "say \"hi\"",
    "it's",
    "'quoted'",
    "\"quoted\"",
    "back\\slash",
    "\\n",
    "two\nlines",
    "three\n\nlines\n",
    "\nfirst",
    "last\n",
    "last\n\n",
    "  indented\nless\n",
    "- list\n- like\n",
    "dos\r\nlines\r\n",
    "carriage\rreturn",
    "trailing space \nthen",
    "ünïcödé",
    "日本語",
    "🚀",
    "👩‍💻 works",
    "e\u{301}",
    "\u{a0}",
    "\u{feff}mark",
    "line\u{2028}separator",
    "next\u{85}line",
    "zero\u{200b}width",
    "bell\u{7}",
    "\u{1b}[31mred",
    "del\u{7f}",
    "comma, comma",
    "[flow",
    "{flow",
    "flow]",
    "a, [b], {c: d}",
    "$5",
    "$$",
    "C:\\dir",
    "https://acme.io/?a=b&c=d#e",
    "user@host:path",
    "/* comment */",
    "<b>",
];

/// Text that is not empty, often treacherous, sometimes very long.
pub fn text() -> BoxedStrategy<String> {
    prop_oneof![
        4 => one_of(&["a", "some words", "Fix the cart"]),
        8 => one_of(NASTY),
        4 => chars("ab :#-'\"\\\n\t{}[],&*!|>%@`?~01.é世🚀 ", 1..=16),
        1 => (chars("word wörd: #\"'", 1..=6), 30..400_usize).prop_map(|(text, times)| text.repeat(times)),
    ]
    .boxed()
}

/// Text as [`text`] makes it, or none at all.
pub fn text_or_empty() -> BoxedStrategy<String> {
    prop_oneof![9 => text(), 1 => Just(String::new())].boxed()
}

/// Text of one line and at most 80 bytes, as discovery cuts subjects of commits (resources 7.2).
pub fn subject() -> BoxedStrategy<String> {
    let lines: Vec<&'static str> = NASTY.iter().copied().filter(|text| !text.contains(['\n', '\r'])).collect();
    prop_oneof![
        select(lines).prop_map(str::to_owned),
        chars("fix: the #card's \"total\" ", 1..=80),
        one_of(&["Merge pull request #12 from acme/cart: count what is in the cart, not what wa..."]),
    ]
    .boxed()
}

/// A person, as git writes one.
pub fn person() -> BoxedStrategy<String> {
    one_of(&[
        "Jo <jo@acme.io>",
        "Ada L. <ada@acme.io>",
        "renovate[bot] <bot@acme.io>",
        "'O: #1' <x@y>",
        "Zoë <z@acme.io>",
    ])
}

/// Values of labels: up to 63 letters, digits, `-`, `_`, `.`, beginning and ending with a letter or digit; or empty.
pub fn label_value() -> BoxedStrategy<String> {
    prop_oneof![
        8 => one_of(&["prod", "weekly", "eu", "yes", "1.10", "null", "0x1F", "true", "1e3", "A_b-c.d", "2026-11-24", "on", "7"]),
        2 => chars("abcXYZ019", 1..=12),
        1 => chars("abcXYZ019", 63..=63),
        1 => Just(String::new()),
    ]
    .boxed()
}

/// Keys of labels and annotations. None belongs to Kargo or to us: those have rules of their own.
pub fn label_key() -> BoxedStrategy<String> {
    one_of(&[
        "tier",
        "app",
        "train",
        "yes",
        "1.10",
        "app.kubernetes.io/name",
        "acme.io/team",
        "acme.io/null",
        "region",
        "A_b-c.d",
    ])
}

/// Expressions that give a truth value and stand in `${{ }}`, for `if` of a step.
pub fn step_condition() -> BoxedStrategy<String> {
    one_of(&[
        "${{ always() }}",
        "${{ success() }}",
        "${{ failure() || success() }}",
        "${{ 'a' == \"a\" }}",
        "${{ 1 < 2 }}",
    ])
}

/// Expressions over a commit or a tag that give a truth value (discovery 3.8).
pub fn commit_filter() -> BoxedStrategy<String> {
    one_of(&[
        "subject contains 'feat'",
        "!(subject contains \"[skip ci]\")",
        "author != 'renovate[bot] <bot@acme.io>'",
        "committer endsWith '@acme.io>' && subject startsWith 'fix: '",
    ])
}

/// Values of variables and configuration: texts, and templates over what every promotion knows.
pub fn template_text() -> BoxedStrategy<String> {
    prop_oneof![
        2 => text(),
        1 => one_of(&["${{ ctx.project }}", "to ${{ ctx.stage }} of ${{ ctx.project }}", "${{ quote('1.10') }}", "${{ 1 + 1 }}"]),
    ]
    .boxed()
}

/// Regular expressions that Go and Rust both read.
pub fn regex() -> BoxedStrategy<String> {
    one_of(&[
        "^v",
        r"^v\d+\.\d+\.\d+$",
        r"-rc\.\d+$",
        "^(release|hotfix)-",
        "(?i)nightly",
        "[[:alpha:]]+",
        ".*",
        r"^\d+\.\d+$",
        r##"['"#]"##,
        "a{2,3}",
        r"\bfix\b",
        "é",
    ])
}

/// Patterns of paths in a repository: base directories, globs, regular expressions (resources 7.1).
pub fn path_pattern() -> BoxedStrategy<String> {
    one_of(&[
        "apps/cart",
        ".",
        "glob:charts/**",
        "glob:**/*.{yaml,yml}",
        r"regex:^apps/.*\.yaml$",
        "regexp:README",
        "docs/#1 notes",
    ])
}

/// Version constraints in the reference's dialect.
pub const CONSTRAINTS: &[&str] = &[
    "*",
    "^1.0.0",
    "~2.3",
    "1.x",
    "1.2.x",
    ">=1.2.3 <2.0.0",
    ">= 1.2, < 3",
    "1.2 - 1.4.5",
    "^1 || ^3",
    "=1.2.3",
    "!=1.0.0",
    ">1.0.0-0",
    "~1.2.3-beta.2",
    "v1.2",
    "1",
    "1.10",
    "<=2",
    "^0.0.3",
    "2.0.0+build.7",
    "~>1.4",
];

/// One of [`CONSTRAINTS`].
pub fn version_constraint() -> BoxedStrategy<String> {
    one_of(CONSTRAINTS)
}

/// Tags of images (resources 7.2), many of which YAML would not read as text.
pub fn image_tag() -> BoxedStrategy<Tag> {
    prop_oneof![
        6 => one_of(&["latest", "v1.2.3", "1.10", "1.27.0", "yes", "null", "0x1F", "2026-11-24", "1e3", "main_4d2c1f0", "007"]),
        2 => chars("abcXYZ019", 1..=12),
        1 => chars("abcXYZ019", 128..=128),
    ]
    .prop_map(Tag::from)
    .boxed()
}

/// Tags of git repositories, which may hold slashes and plus signs.
pub fn git_tag() -> BoxedStrategy<Tag> {
    one_of(&["v1.2.3", "1.10", "v2.0.0-rc.1+build.5", "release/2026-11", "no", "0x1F", "日本", "cart@1.0.0"])
        .prop_map(Tag::from)
        .boxed()
}

/// Versions of charts.
pub fn version() -> BoxedStrategy<String> {
    prop_oneof![
        2 => (0..20_u8, 0..20_u8, 0..20_u8).prop_map(|(a, b, c)| format!("{a}.{b}.{c}")),
        1 => one_of(&["1.0.0-rc.1", "2.0.0+build.7", "v6.5.0", "1.10", "0x1F"]),
    ]
    .boxed()
}

/// Platforms of images (resources 7.1).
pub fn platform() -> BoxedStrategy<String> {
    one_of(&["linux/amd64", "linux/arm64/v8", "windows/amd64", "linux/s390x"])
}
