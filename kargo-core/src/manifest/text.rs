//! Whether a text has the form that its field asks for (patterns of resources 2).

use super::schema::Text;
use crate::model::{Code, Diagnostic, Path, nearest, pattern};

/// How a text misses the form its field asks for.
#[derive(Debug)]
pub(crate) struct Mistake<'a> {
    text: &'a str,
    form: Text,
}

/// Checks a text against a form.
pub(crate) fn check(text: &str, form: Text) -> Result<(), Mistake<'_>> {
    let fits = match form {
        Text::Any => true,
        Text::NonEmpty => !text.is_empty(),
        Text::AtMost(bytes) => text.len() <= bytes,
        Text::Name => pattern::is_name(text),
        Text::NameOfAnyLength => pattern::is_name_without_limit(text),
        Text::Variable => pattern::is_variable_name(text),
        Text::GitUrl => pattern::is_git_url(text),
        Text::BranchOrEmpty => text.is_empty() || pattern::is_branch(text),
        Text::ImageUrl => pattern::is_image_url(text),
        Text::ChartUrl => pattern::is_chart_url(text),
        Text::ImageTag => pattern::is_image_tag(text),
        Text::ImageDigest => pattern::is_image_digest(text),
        Text::Reason => pattern::is_condition_reason(text),
        Text::Email => is_email(text),
        Text::LabelValue => pattern::is_label_value(text),
        Text::OneOf(allowed) => allowed.contains(&text),
        Text::OneOfOrEmpty(allowed) => text.is_empty() || allowed.contains(&text),
    };
    if fits { Ok(()) } else { Err(Mistake { text, form }) }
}

/// An address with something on both sides of one `@` and no blanks, which is what the schema's format asks for.
fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

impl Mistake<'_> {
    pub(crate) fn diagnostic(&self, path: &Path) -> Diagnostic {
        let shown = shorten(self.text);
        let code = match self.form {
            Text::OneOf(_) | Text::OneOfOrEmpty(_) => Code::NotAllowed,
            Text::AtMost(_) | Text::NonEmpty => Code::Range,
            _ => Code::Format,
        };
        let diagnostic = Diagnostic::error(code, format!("{path}: {shown:?} {}", self.what()));
        match self.help() {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    /// What stands at the mark.
    pub(crate) fn label(&self) -> String {
        match self.form {
            Text::OneOf(allowed) | Text::OneOfOrEmpty(allowed) => format!("write {}", either(allowed)),
            Text::NonEmpty => "write something".to_owned(),
            Text::AtMost(bytes) => format!("at most {bytes} bytes"),
            Text::Name | Text::NameOfAnyLength => {
                "a name has lower-case letters, digits, `-` and `.`, and begins and ends with a letter or digit"
                    .to_owned()
            }
            Text::Variable => {
                "a variable's name has letters, digits and `_`, and does not begin with a digit".to_owned()
            }
            Text::GitUrl => "write https://host/path, ssh://user@host/path or user@host:path".to_owned(),
            Text::BranchOrEmpty => "write a branch's name, such as main or release/1.2".to_owned(),
            Text::ImageUrl => "write [registry/]repository, such as ghcr.io/acme/cart".to_owned(),
            Text::ChartUrl => "write https://host/path or oci://registry/repository".to_owned(),
            Text::ImageTag => "a tag has letters, digits, `_`, `.` and `-`, at most 128".to_owned(),
            Text::ImageDigest => "write <algorithm>:<hex digits>".to_owned(),
            Text::Reason => "a reason is one word of letters, digits, `_`, `,` and `:`".to_owned(),
            Text::Email => "write name@domain".to_owned(),
            Text::LabelValue => {
                "a label's value has letters, digits, `-`, `_` and `.`, at most 63, with a letter or digit at both ends"
                    .to_owned()
            }
            Text::Any => String::new(),
        }
    }

    fn what(&self) -> &'static str {
        match self.form {
            Text::OneOf(_) | Text::OneOfOrEmpty(_) => "is not allowed here",
            Text::NonEmpty => "is empty",
            Text::AtMost(_) => "is too long",
            Text::Name | Text::NameOfAnyLength if self.text.len() > 253 => "is longer than 253 bytes",
            Text::Name | Text::NameOfAnyLength => "is not a name",
            Text::Variable => "is not a variable's name",
            Text::GitUrl => "is not a git repository's URL",
            Text::BranchOrEmpty => "is not a branch's name",
            Text::ImageUrl => "is not an image repository",
            Text::ChartUrl => "is not a chart repository's URL",
            Text::ImageTag => "is not an image tag",
            Text::ImageDigest => "is not a digest",
            Text::Reason => "is not a condition's reason",
            Text::Email => "is not an e-mail address",
            Text::LabelValue => "is not a label's value",
            Text::Any => "is wrong",
        }
    }

    fn help(&self) -> Option<String> {
        match self.form {
            Text::OneOf(allowed) | Text::OneOfOrEmpty(allowed) => {
                nearest(self.text, allowed.iter().copied()).map(|near| format!("did you mean {near:?}?"))
            }
            Text::Name | Text::NameOfAnyLength if self.text.chars().any(char::is_uppercase) => {
                let lower = self.text.to_lowercase();
                pattern::is_name(&lower).then(|| format!("did you mean {lower:?}?"))
            }
            Text::ImageUrl if self.text.contains("://") => {
                let bare = self.text.split("://").last().unwrap_or_default();
                Some(format!("leave the scheme out: {bare}"))
            }
            Text::ImageUrl if self.text.contains([':', '@']) => {
                Some("leave the tag and the digest out; a constraint selects them".to_owned())
            }
            _ => None,
        }
    }
}

fn either(allowed: &[&str]) -> String {
    match allowed {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn shorten(text: &str) -> String {
    const SHOWN: usize = 80;
    if text.chars().nth(SHOWN).is_none() { text.to_owned() } else { text.chars().take(SHOWN).chain(['…']).collect() }
}
