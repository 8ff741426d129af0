//! The authority of a URL, `user:password@host:port`, read and written as Go's `net/url` does.
use core::fmt;
use core::net::Ipv6Addr;

use super::percent::{Part, decode, encode};

/// Who to ask, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authority {
    /// User name and password, when there is an `@`.
    pub(super) user: Option<UserInfo>,
    /// Host with its port, escapes resolved. May be empty, and need not be UTF-8.
    pub(super) host: Vec<u8>,
}

/// What stands before the `@`, escapes resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UserInfo {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl Authority {
    /// Reads what stands between `//` and the next `/`; `None` if Go would report an error.
    pub(super) fn parse(scheme: &str, text: &str) -> Option<Self> {
        let (user, host) = match text.rsplit_once('@') {
            Some((user, host)) => (Some(UserInfo::parse(user)?), host),
            None => (None, text),
        };
        Some(Self { user, host: parse_host(scheme, host)? })
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            f.write_str(&encode(&user.name, Part::UserInfo))?;
            if let Some(password) = &user.password {
                write!(f, ":{}", encode(password, Part::UserInfo))?;
            }
            f.write_str("@")?;
        }
        f.write_str(&encode(&self.host, Part::Host))
    }
}

impl UserInfo {
    fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
        if !text.bytes().all(allowed) {
            return None;
        }
        let (name, password) = match text.split_once(':') {
            Some((name, password)) => (name, Some(decode(password, Part::UserInfo)?)),
            None => (text, None),
        };
        Some(Self { name: decode(name, Part::UserInfo)?, password })
    }
}

fn parse_host(scheme: &str, text: &str) -> Option<Vec<u8>> {
    if let Some(literal) = text.strip_prefix('[') {
        return if literal.contains('[') { None } else { parse_ip_literal(literal) };
    }
    if text.contains('[') {
        return None;
    }
    // Only web URLs insist on a single colon; other schemes have always listed several hosts with ports.
    let strict = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let port = if strict { text.split_once(':') } else { text.rsplit_once(':') };
    if port.is_some_and(|(_, port)| !is_port(port)) {
        return None;
    }
    decode(text, Part::Host)
}

/// Reads `<IPv6 address>[%25<zone>]]<optional port>`, the opening bracket already taken.
fn parse_ip_literal(text: &str) -> Option<Vec<u8>> {
    let (address, after) = text.rsplit_once(']')?;
    if !after.is_empty() && !after.strip_prefix(':').is_some_and(is_port) {
        return None;
    }
    let (address, zone) = match address.find("%25") {
        Some(at) => {
            let (address, zone) = address.split_at_checked(at)?;
            (address, decode(zone, Part::Zone)?)
        }
        None => (address, Vec::new()),
    };
    let address = decode(address, Part::Host)?;
    core::str::from_utf8(&address).ok()?.parse::<Ipv6Addr>().ok()?;
    // The zone still has its `%`, which alone names no zone.
    if zone == b"%" {
        return None;
    }
    Some([b"[", address.as_slice(), &zone, b"]", after.as_bytes()].concat())
}

/// Digits, or none at all: `host:` is accepted.
fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Authority;

    fn rewritten(scheme: &str, text: &str) -> Option<String> {
        Authority::parse(scheme, text).map(|authority| authority.to_string())
    }

    #[test]
    fn reads_hosts_ports_and_users() {
        for (text, expected) in [
            ("", ""),
            ("h", "h"),
            ("h:", "h:"),
            ("h:80", "h:80"),
            ("h:99999999", "h:99999999"),
            ("é", "%C3%A9"),
            ("%ff", "%FF"),
            ("u@h", "u@h"),
            ("u:@h", "u:@h"),
            ("@h", "@h"),
            ("u:a:b@h", "u:a%3Ab@h"),
            ("u@v@h", "u%40v@h"),
            ("u!%2f@h", "u%21%2F@h"),
            ("[::1]", "[::1]"),
            ("[::1]:", "[::1]:"),
            ("[::1]:80", "[::1]:80"),
            ("[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]"),
            ("[fe80::1%25en0]:80", "[fe80::1%25en0]:80"),
            ("[fe80::1%25en%200]", "[fe80::1%25en%200]"),
        ] {
            assert_eq!(rewritten("https", text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_go_refuses() {
        for text in [
            "a b",
            "h:a",
            "h:-1",
            "h:8_0",
            "a:b:1",
            "a]:x",
            "%41",
            "%zz",
            "ü@h",
            "u v@h",
            "u%zz@h",
            "u:%@h",
            "a[::1]",
            "[::1",
            "[[::1]]",
            "[::1]x",
            "[::1]:x",
            "[1.2.3.4]",
            "[h]",
            "[]",
            "[::1%25]",
            "[::1%en0]",
            "[::1%25e%2f]",
            "[::%ff]",
        ] {
            assert_eq!(rewritten("https", text), None, "{text}");
        }
    }

    #[test]
    fn only_web_urls_insist_on_a_single_colon() {
        assert_eq!(rewritten("ssh", "a:b:1").as_deref(), Some("a:b:1"));
        assert_eq!(rewritten("", "a:b:1").as_deref(), Some("a:b:1"));
        assert_eq!(rewritten("ssh", "a:1:b"), None);
        assert_eq!(rewritten("HTTP", "a:1:1"), None);
    }
}
