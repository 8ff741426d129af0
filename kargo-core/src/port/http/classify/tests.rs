//! The table of statuses and headers.

use super::*;
use crate::model::Timestamp;

const CALL: Call<'_> = Call { host: "ghcr.io", asked: "GET /v2/" };

fn error(status: u16, headers: &[(&str, &str)], body: &str) -> PortError {
    classify(status, headers, body.as_bytes(), CALL).unwrap_err()
}

fn after(seconds: i64) -> Option<NotBefore> {
    Some(NotBefore::After(Duration::from_secs(seconds)))
}

fn at(text: &str) -> Option<NotBefore> {
    Some(NotBefore::At(text.parse::<Timestamp>().unwrap()))
}

#[test]
fn architecture_5_statuses() {
    use PortClass::{Misconfigured, NotFound, Rejected, Retryable, Unauthorized, Unsupported};
    let retry = Retryable { after: None };
    for (status, class) in [
        (0, Rejected),
        (100, Rejected),
        (300, Rejected),
        (301, Rejected),
        (307, Rejected),
        (400, Rejected),
        (401, Unauthorized),
        (402, Rejected),
        (403, Unauthorized),
        (404, NotFound),
        (405, Unsupported),
        (406, Unsupported),
        (407, Misconfigured),
        (408, retry),
        (409, Rejected),
        (410, NotFound),
        (413, Rejected),
        (415, Unsupported),
        (416, Rejected),
        (422, Rejected),
        (425, retry),
        (429, PortClass::RateLimited { until: None }),
        (451, Rejected),
        (499, retry),
        (500, retry),
        (501, Unsupported),
        (502, retry),
        (503, retry),
        (504, retry),
        (505, Unsupported),
        (511, Misconfigured),
        (522, retry),
        (599, retry),
        (600, Rejected),
        (999, Rejected),
    ] {
        let error = error(status, &[], "");
        assert_eq!((error.class(), error.status()), (class, Some(status)), "{status}");
        assert_eq!((error.host(), error.asked()), (Some("ghcr.io"), Some("GET /v2/")));
    }
    for status in [200, 201, 202, 204, 206, 299] {
        assert_eq!(classify(status, &[], b"", CALL), Ok(Reply::new(())), "{status}");
    }
}

#[test]
fn requirements_a7_retry_after_in_seconds_and_as_a_date() {
    let sent = ("Date", "Tue, 24 Nov 2026 14:02:00 GMT");
    for (value, with_date, expected) in [
        ("30", false, after(30)),
        (" 0 ", false, after(0)),
        ("1.5", false, after(2)),
        ("99999999999999999999999", false, Some(NotBefore::After(Duration::from_nanos(i64::MAX)))),
        ("-1", false, None),
        ("soon", false, None),
        ("", false, None),
        (".", false, None),
        ("Tue, 24 Nov 2026 14:02:30 GMT", false, at("2026-11-24T14:02:30Z")),
        ("Tuesday, 24-Nov-26 14:02:30 GMT", false, at("2026-11-24T14:02:30Z")),
        ("Tue Nov 24 14:02:30 2026", false, at("2026-11-24T14:02:30Z")),
        ("Tue, 24 Nov 2026 14:02:30 GMT", true, after(30)),
        ("Tue, 24 Nov 2026 14:01:30 GMT", true, after(0)),
    ] {
        let headers = if with_date { vec![sent, ("retry-AFTER", value)] } else { vec![("retry-AFTER", value)] };
        assert_eq!(error(429, &headers, "").class(), PortClass::RateLimited { until: expected }, "{value}");
        assert_eq!(error(503, &headers, "").class(), PortClass::Retryable { after: expected }, "{value}");
    }
}

#[test]
fn requirements_a7_quotas() {
    let date = ("date", "Tue, 24 Nov 2026 14:02:00 GMT");
    let rows: [(&[(&str, &str)], RateLimit); 8] = [
        (
            &[("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", "76;w=21600")],
            RateLimit { limit: Some(100), remaining: Some(76), window: Some(Duration::from_secs(21600)), reset: None },
        ),
        (
            &[("X-RateLimit-Limit", "60"), ("X-RateLimit-Remaining", "59"), ("X-RateLimit-Reset", "1795528950")],
            RateLimit { limit: Some(60), remaining: Some(59), window: None, reset: at("2026-11-24T14:02:30Z") },
        ),
        (&[date, ("x-ratelimit-reset", "1795528950")], RateLimit { reset: after(30), ..RateLimit::default() }),
        (
            &[("RateLimit-Limit", "10"), ("RateLimit-Remaining", "1"), ("RateLimit-Reset", "7")],
            RateLimit { limit: Some(10), remaining: Some(1), window: None, reset: after(7) },
        ),
        (
            &[("RateLimit", "\"default\";r=50;t=30"), ("RateLimit-Policy", "\"default\";q=100;w=60")],
            RateLimit {
                limit: Some(100),
                remaining: Some(50),
                window: Some(Duration::from_secs(60)),
                reset: after(30),
            },
        ),
        (
            &[("RateLimit", "limit=100, remaining=50, reset=30")],
            RateLimit { limit: Some(100), remaining: Some(50), window: None, reset: after(30) },
        ),
        (&[("ratelimit-remaining", "many"), ("x-ratelimit-reset", "-3")], RateLimit::default()),
        (&[], RateLimit::default()),
    ];
    for (headers, expected) in rows {
        assert_eq!(classify(200, headers, b"", CALL).unwrap().rate_limit(), &expected, "{headers:?}");
    }
}

#[test]
fn a_limit_behind_403_is_a_limit() {
    let spent = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795528950")];
    let until = |until| PortClass::RateLimited { until };
    assert_eq!(error(403, &spent, "").class(), until(at("2026-11-24T14:02:30Z")));
    assert_eq!(error(429, &spent, "").class(), until(at("2026-11-24T14:02:30Z")));
    assert_eq!(error(403, &[("retry-after", "60")], "").class(), until(after(60)));
    let words = r#"{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}"#;
    assert_eq!(error(403, &[], words).class(), until(after(60)));
    let registry = r#"{"errors": [{"code": "TOOMANYREQUESTS", "message": "pull too fast"}]}"#;
    assert_eq!(error(403, &[], registry).class(), until(after(60)));
    assert_eq!(error(429, &[], registry).class(), until(None));
    // A quota that is not used up says nothing of why this was refused.
    assert_eq!(error(403, &[("x-ratelimit-remaining", "12")], "").class(), PortClass::Unauthorized);
    // A reset is no pause while something remains.
    assert_eq!(error(429, &[("ratelimit-remaining", "3"), ("ratelimit-reset", "9")], "").class(), until(None));
}

#[test]
fn an_etag_and_unchanged() {
    let reply = classify(304, &[("Etag", "W/\"x\"")], b"", CALL).unwrap();
    assert!(reply.is_unchanged());
    assert_eq!(reply.etag(), Some("W/\"x\""));
    assert!(!classify(200, &[("etag", "")], b"", CALL).unwrap().is_unchanged());
}

#[test]
fn bodies_explain_and_never_leak_or_flood() {
    for (body, text) in [
        (
            r#"{"errors":[{"code":"DENIED","message":"requested access is denied"}]}"#,
            "HTTP 403: DENIED: requested access is denied",
        ),
        (r#"{"errors":[{"code":"DENIED"}]}"#, "HTTP 403: DENIED"),
        (r#"{"message":"Bad credentials ghp_0123456789abcdef0123"}"#, "HTTP 403: Bad credentials ***"),
        ("<html>no</html>", "HTTP 403"),
        (r#"{"errors":{}}"#, "HTTP 403"),
        ("", "HTTP 403"),
    ] {
        assert_eq!(error(403, &[], body).cause_text(), text);
    }
    let flood = format!("{{\"message\":\"{}\"}}", "x".repeat(4_000));
    assert!(error(400, &[], &flood).cause_text().len() < 1_000);
    assert_eq!(error(307, &[], "").cause_text(), "HTTP 307: a redirect that was not followed");
}
