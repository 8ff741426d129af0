//! Taking the values of secrets out of texts that are kept or shown (rules 2).

use super::resolve::{Reference, Resolved};
use crate::expr::{Env, Functions, Program, Value};

/// Shorter values are not looked for: they stand in too many texts by chance.
const SHORTEST: usize = 8;

impl Resolved {
    /// The text with each value of a secret, of 8 bytes or more, replaced by the expression it came from; also where it is
    /// written as base64 or escaped for JSON or URLs.
    ///
    /// ```
    /// use kargo_core::promotion::{Reference, Resolved};
    /// let mut resolved = Resolved::default();
    /// let token = [("token".into(), "hunter2/hunter2".into())].into();
    /// resolved.insert(Reference { function: "secret".into(), name: "reg".into() }, token);
    /// assert_eq!(resolved.redact("GET /?t=hunter2%2Fhunter2"), "GET /?t=${{ secret('reg').token }}");
    /// ```
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut forms: Vec<(String, String)> = Vec::new();
        let secrets = self.entries().filter(|(of, _)| matches!(&*of.function, "secret" | "sharedSecret"));
        for (of, entries) in secrets {
            for (key, value) in entries.iter().filter(|(_, value)| value.len() >= SHORTEST) {
                let shown = shown(of, key);
                forms.extend(forms_of(value).into_iter().map(|form| (form, shown.clone())));
            }
        }
        // The longest first, so that none is cut up by another.
        forms.sort_by(|(a, x), (b, y)| b.len().cmp(&a.len()).then_with(|| (a, x).cmp(&(b, y))));
        forms.iter().fold(text.to_owned(), |text, (form, shown)| text.replace(form.as_str(), shown))
    }
}

/// The expression that has the value.
fn shown(of: &Reference, key: &str) -> String {
    let Reference { function, name } = of;
    let is_word = !key.is_empty() && !key.starts_with(|first: char| first.is_ascii_digit());
    if is_word && key.chars().all(|char| char.is_ascii_alphanumeric() || char == '_') {
        format!("${{{{ {function}('{name}').{key} }}}}")
    } else {
        format!("${{{{ {function}('{name}')['{key}'] }}}}")
    }
}

fn forms_of(value: &str) -> Vec<String> {
    let json = serde_json::Value::from(value).to_string();
    let json = json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&json).to_owned();
    let mut all = vec![value.to_owned(), json, percent(value)];
    all.extend(base64(value));
    all.dedup();
    all
}

fn percent(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let escape = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    value.bytes().map(escape).collect()
}

/// Without the padding, so that it is found at the beginning of a longer text too.
fn base64(value: &str) -> Option<String> {
    let program = Program::compile("toBase64(value)", &Functions::new()).ok()?;
    let env = Env::from([("value".to_owned(), Value::text(value))]);
    let text = program.run(&env, crate::Timestamp::default()).ok()?;
    Some(text.as_text()?.trim_end_matches('=').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_2_values_of_secrets_are_taken_out() {
        let mut resolved = Resolved::default();
        let mut insert = |function: &str, name: &str, key: &str, value: &str| {
            let reference = Reference { function: function.to_owned(), name: name.to_owned() };
            resolved.insert(reference, [(key.to_owned(), value.to_owned())].into());
        };
        insert("secret", "a", "key", "p\"ss w/rd");
        insert("sharedSecret", "b", "k-1", "p\"ss w/rd, and more");
        insert("secret", "short", "k", "1234567");
        insert("configMap", "open", "k", "everybody knows");
        for (text, wanted) in [
            ("nothing", "nothing"),
            ("<p\"ss w/rd>", "<${{ secret('a').key }}>"),
            ("p\"ss w/rd, and more", "${{ sharedSecret('b')['k-1'] }}"),
            (r#"{"x":"p\"ss w/rd"}"#, r#"{"x":"${{ secret('a').key }}"}"#),
            ("?q=p%22ss%20w%2Frd&", "?q=${{ secret('a').key }}&"),
            ("cCJzcyB3L3Jk", "${{ secret('a').key }}"),
            ("1234567 everybody knows", "1234567 everybody knows"),
            ("p\"ss w/rdp\"ss w/rd", "${{ secret('a').key }}${{ secret('a').key }}"),
        ] {
            assert_eq!(resolved.redact(text), wanted, "{text}");
        }
    }
}
