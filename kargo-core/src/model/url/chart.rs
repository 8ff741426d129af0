//! Normal form of chart repositories, and the key of one chart in a Freight id.
use super::go_url::GoUrl;
use super::image::normalize_image;
use super::path_join::path_join;
use super::sanitize::{lower_case, sanitize};

/// One spelling for a chart repository: lower case, no `oci://`, then the rule for images.
///
/// Rules: resources 16.3 (`NC`), discovery 6.4. Web URLs go through the image rule as well. Mostly that changes
/// nothing, but the port of `https://host:8443` is taken for a tag and lost. What is not a URL comes back as given.
///
/// ```
/// use kargo_core::model::url::normalize_chart;
///
/// assert_eq!(normalize_chart("oci://docker.io/Example/Chart"), "example/chart");
/// assert_eq!(normalize_chart("https://Charts.example.com/stable"), "https://charts.example.com/stable");
/// ```
#[must_use]
pub fn normalize_chart(url: &str) -> String {
    let clean = sanitize(url);
    if GoUrl::parse(&clean).is_none() {
        return url.to_owned();
    }
    let lower = lower_case(&clean);
    normalize_image(lower.strip_prefix("oci://").unwrap_or(&lower))
}

/// What stands for a chart in a Freight id, before its version: normal form and name as one cleaned path.
///
/// Rule: resources 16.1, `PJ(NC(repoURL), name)`. Cleaning turns `https://` into `https:/`. Charts in OCI registries
/// have no name of their own.
///
/// ```
/// use kargo_core::model::url::chart_key;
///
/// assert_eq!(chart_key("https://charts.example.com/stable", "podinfo"), "https:/charts.example.com/stable/podinfo");
/// assert_eq!(chart_key("oci://ghcr.io/example/charts/web", ""), "ghcr.io/example/charts/web");
/// ```
#[must_use]
pub fn chart_key(repo_url: &str, name: &str) -> String {
    path_join(&[&normalize_chart(repo_url), name])
}

#[cfg(test)]
mod tests {
    use super::{chart_key, normalize_chart};

    #[track_caller]
    fn check(rows: &[(&str, &str)]) {
        for (input, expected) in rows {
            assert_eq!(normalize_chart(input), *expected, "{input:?}");
        }
    }

    #[test]
    fn discovery_6_4_table() {
        check(&[
            ("oci://ghcr.io/example/chart", "ghcr.io/example/chart"),
            ("OCI://Repo", "repo"),
            ("oci://docker.io/example/repo", "example/repo"),
            ("oci://registry-1.docker.io/example/repo", "example/repo"),
            ("registry-1.docker.io/example/repo", "example/repo"),
            ("https://Charts.example.com/Stable", "https://charts.example.com/stable"),
            ("https://charts.example.com/", "https://charts.example.com/"),
            ("https://charts.example.com:8443", "https://charts.example.com"),
            ("https://charts.example.com:8443/stable", "https://charts.example.com:8443/stable"),
        ]);
    }

    #[test]
    fn resources_16_3_chart_examples() {
        check(&[
            ("oci://docker.io/example/repo", "example/repo"),
            ("https://charts.example.com/stable", "https://charts.example.com/stable"),
            ("https://Host:8443/Path", "https://host:8443/path"),
            ("https://host:8443", "https://host"),
        ]);
    }

    #[test]
    fn resources_16_3_what_is_no_image_keeps_its_lower_case() {
        check(&[
            ("https://U:p@charts.example.com/X", "https://u:p@charts.example.com/x"),
            ("https://charts.example.com/X?Y=1", "https://charts.example.com/x?y=1"),
            ("https://Host/x Y", "https://host/x y"),
            ("LocalHost:5000/Chart", "localhost:5000/chart"),
            ("  OCI://Repo\u{feff} ", "repo"),
            ("oci://", ""),
            ("", ""),
        ]);
    }

    #[test]
    fn resources_16_3_what_is_no_url_comes_back_as_given() {
        // An address with a port but no scheme is not a URL, though a host name with a port reads as one.
        check(&[
            (" 127.0.0.1:5000/Chart", " 127.0.0.1:5000/Chart"),
            ("https://Host/%zz", "https://Host/%zz"),
            ("https://Not a host", "https://Not a host"),
            ("oci://Host:port/Chart", "oci://Host:port/Chart"),
            ("https://Host/x#%", "https://Host/x#%"),
        ]);
    }

    #[test]
    fn resources_16_1_chart_keys() {
        for (url, name, expected) in [
            ("https://charts.example.com/stable", "podinfo", "https:/charts.example.com/stable/podinfo"),
            ("https://charts.example.com/stable/", "podinfo", "https:/charts.example.com/stable/podinfo"),
            ("oci://ghcr.io/Example/charts/web", "", "ghcr.io/example/charts/web"),
            ("https://Host/%zz", "../Name", "https:/Host/Name"),
            ("", "", ""),
            ("", "Name", "Name"),
        ] {
            assert_eq!(chart_key(url, name), expected, "{url:?} {name:?}");
        }
    }
}
