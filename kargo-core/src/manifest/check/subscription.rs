//! Rules of one subscription of each built-in type (resources 7.1, 17.7 and 22).

use super::{Cursor, Sink};
use crate::{
    model::{Code, Diagnostic},
    select::{Constraint, check_path_pattern, compile_regex},
};

const RULE: &str = "resources 7.1";

pub(super) fn git(body: &Cursor<'_>, sink: &mut Sink<'_>) {
    let repo = body.at("repoURL");
    if let Some(text) = repo.filled_text()
        && !text.starts_with("http://")
        && !text.starts_with("https://")
    {
        let diagnostic =
            Diagnostic::warning(Code::Deprecated, "git URLs of the ssh and user@host:path forms are deprecated")
                .by_rule("resources 22")
                .help("write https://host/path; Kargo 1.13 refuses the others");
        repo.report(sink, diagnostic, "still accepted");
    }
    let strategy = body.at("commitSelectionStrategy").filled_text().unwrap_or("NewestFromBranch");
    let by_tags = strategy != "NewestFromBranch";
    let constraint = body.at("semverConstraint");
    if constraint.filled_text().is_some() {
        if strategy == "SemVer" {
            self::constraint(&constraint, "commitSelectionStrategy", sink);
        } else {
            unused(&constraint, "semverConstraint", strategy, sink);
        }
    }
    if by_tags && body.at("branch").filled_text().is_some() {
        unused(&body.at("branch"), "branch", strategy, sink);
    }
    tag_filters(body, by_tags, strategy, sink);
    for key in ["includePaths", "excludePaths"] {
        for path in body.at(key).each() {
            if let Some(text) = path.text()
                && let Err(error) = check_path_pattern(text)
            {
                let diagnostic = Diagnostic::error(Code::Pattern, error.to_string()).by_rule(RULE);
                path.report(sink, diagnostic, "write a directory, glob:<pattern> or regex:<expression>");
            }
        }
    }
}

pub(super) fn image(body: &Cursor<'_>, sink: &mut Sink<'_>) {
    let strategy = body.at("imageSelectionStrategy").filled_text().unwrap_or("SemVer");
    let constraint = body.at("constraint");
    match (strategy, constraint.filled_text()) {
        ("SemVer", Some(_)) => self::constraint(&constraint, "imageSelectionStrategy", sink),
        ("Digest", None) => {
            let diagnostic = Diagnostic::error(Code::DigestTag, "the strategy Digest needs the tag that it follows")
                .by_rule(RULE)
                .help("write constraint: <tag>, such as constraint: latest");
            body.report_key(sink, "imageSelectionStrategy", diagnostic, "which tag?");
        }
        ("Lexical" | "NewestBuild", Some(_)) => unused(&constraint, "constraint", strategy, sink),
        _ => {}
    }
    tag_filters(body, strategy != "Digest", strategy, sink);
    let platform = body.at("platform");
    if let Some(text) = platform.filled_text() {
        let parts: Vec<&str> = text.splitn(3, '/').collect();
        if parts.len() < 2 {
            let diagnostic = Diagnostic::error(Code::Platform, format!("{text:?} is not a platform")).by_rule(RULE);
            platform.report(sink, diagnostic, "write <os>/<arch>[/<variant>], such as linux/amd64");
        } else if parts.iter().any(|part| part.is_empty()) {
            let diagnostic = Diagnostic::warning(Code::Platform, format!("{text:?} matches no platform"))
                .by_rule("discovery 2.6")
                .note("Kargo checks only that there is a `/`; all three parts must then be equal to an image's");
            platform.report(sink, diagnostic, "a part is empty");
        }
    }
}

pub(super) fn chart(body: &Cursor<'_>, sink: &mut Sink<'_>) {
    let constraint = body.at("semverConstraint");
    if constraint.filled_text().is_some() {
        self::constraint(&constraint, "", sink);
    }
    let Some(repo) = body.at("repoURL").filled_text() else { return };
    let name = body.at("name");
    let classic = repo.starts_with("http://") || repo.starts_with("https://");
    if classic && name.filled_text().is_none() {
        let diagnostic =
            Diagnostic::error(Code::Missing, "a chart in a classic repository needs its name").by_rule(RULE);
        body.at("repoURL").report(sink, diagnostic, "which chart? write name: <chart>");
    }
    if repo.starts_with("oci://") && name.filled_text().is_some() {
        let diagnostic = Diagnostic::error(Code::Conflict, "a chart in an OCI registry has no name beside its URL")
            .by_rule(RULE)
            .help("leave name out, and write the whole repository in repoURL");
        body.report_key(sink, "name", diagnostic, "the URL names the chart");
    }
}

/// A version constraint (discovery 2.11).
fn constraint(constraint: &Cursor<'_>, strategy_key: &str, sink: &mut Sink<'_>) {
    let Some(text) = constraint.filled_text() else { return };
    let Err(error) = Constraint::parse(text) else { return };
    let mut diagnostic =
        Diagnostic::error(Code::Constraint, format!("{text:?} is not a version range")).by_rule("discovery 2.11");
    let label = if strategy_key == "imageSelectionStrategy" && is_tag_like(text) {
        diagnostic = diagnostic
            .help(format!("to follow the moving tag `{text}`: imageSelectionStrategy: Digest, constraint: {text}"))
            .help("to take the newest build of any tag: imageSelectionStrategy: NewestBuild");
        "strategy SemVer (the default) needs a range such as ^1.0.0".to_owned()
    } else {
        diagnostic = diagnostic.note(error.to_string());
        "write a range such as ^1.0.0, ~1.2 or >=1.0.0 <2.0.0".to_owned()
    };
    constraint.report(sink, diagnostic, label);
}

/// Whether somebody may have meant a tag, not a range: one word that begins with a letter.
fn is_tag_like(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn unused(field: &Cursor<'_>, key: &str, strategy: &str, sink: &mut Sink<'_>) {
    let diagnostic = Diagnostic::warning(Code::Conflict, format!("{key} has no meaning with the strategy {strategy}"))
        .by_rule(RULE)
        .help("leave it out, or choose the strategy that reads it");
    field.report(sink, diagnostic, "not read");
}

/// Patterns of tags, and the fields that were replaced by them.
fn tag_filters(body: &Cursor<'_>, by_tags: bool, strategy: &str, sink: &mut Sink<'_>) {
    for (key, instead) in [("allowTags", "allowTagsRegexes"), ("ignoreTags", "ignoreTagsRegexes")] {
        let field = body.at(key);
        if field.filled_text().is_none() && field.count() == 0 {
            continue;
        }
        let message = format!("{key} was removed");
        let diagnostic = if by_tags {
            Diagnostic::error(Code::Removed, format!("{message}; discovery fails while it is set"))
        } else {
            Diagnostic::warning(Code::Deprecated, format!("{message}, and the strategy {strategy} does not read it"))
        };
        let diagnostic =
            diagnostic.by_rule("resources 22").help(format!("write {instead} instead, a list of regular expressions"));
        body.report_key(sink, key, diagnostic, "no longer read");
    }
    for key in ["allowTagsRegexes", "ignoreTagsRegexes"] {
        for regex in body.at(key).each() {
            if let Some(text) = regex.text()
                && let Err(error) = compile_regex(text)
            {
                // Kargo finds out at discovery, every time (discovery 2.1).
                let diagnostic = Diagnostic::error(Code::Pattern, error.to_string()).by_rule(RULE);
                regex.report(sink, diagnostic, "not a regular expression of RE2");
            }
        }
    }
}
