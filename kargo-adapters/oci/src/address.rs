//! Where a registry's API is.

use kargo_core::port::{ImageRepo, PortError};
use url::Url;

use crate::OciSettings;

/// Docker Hub, and the host that serves its API.
const DOCKER_HUB: &str = "docker.io";
const DOCKER_HUB_API: &str = "registry-1.docker.io";

/// Addresses to try, in this order: the first that answers is the registry's.
pub(crate) fn bases(repo: &ImageRepo, settings: &OciSettings) -> Result<Vec<Url>, PortError> {
    let host = if repo.host() == DOCKER_HUB { DOCKER_HUB_API } else { repo.host() };
    let schemes: &[&str] = if settings.is_plain_http(repo.host()) {
        &["http"]
    } else if is_here(host) {
        &["https", "http"]
    } else {
        &["https"]
    };
    let base = |scheme: &&str| {
        let url = Url::parse(&format!("{scheme}://{host}/"));
        url.map_err(|error| PortError::misconfigured(format!("the registry {host:?} is no host: {error}")).at(host))
    };
    schemes.iter().map(base).collect()
}

/// Whether a host is this machine, by its name alone.
fn is_here(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let is_loopback = |text: &str| text.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    name == "localhost" || name.ends_with(".localhost") || is_loopback(name.trim_matches(['[', ']']))
}

/// Whether two addresses have the same host and port; the scheme may differ, as it does behind a server that ends TLS.
pub(crate) fn is_same_host(a: &Url, b: &Url) -> bool {
    a.host_str() == b.host_str() && (a.port() == b.port() || a.port_or_known_default() == b.port_or_known_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(repo: &str) -> Vec<String> {
        let settings = OciSettings::default().plain_http("registry.lan:5000");
        let bases = bases(&ImageRepo::parse(repo).unwrap(), &settings).unwrap();
        bases.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn discovery_6_3_docker_hub_has_a_host_of_its_own_for_the_api() {
        for repo in ["busybox", "docker.io/acme/cart", "index.docker.io/acme/cart"] {
            assert_eq!(addresses(repo), ["https://registry-1.docker.io/"], "{repo}");
        }
        assert_eq!(addresses("ghcr.io/acme/cart"), ["https://ghcr.io/"]);
    }

    #[test]
    fn discovery_2_10_plain_http_only_here_or_where_it_was_asked_for() {
        assert_eq!(addresses("registry.lan:5000/cart"), ["http://registry.lan:5000/"]);
        for (host, base) in
            [("localhost:5000", "localhost:5000"), ("127.0.0.1", "127.0.0.1"), ("[::1]:5000", "[::1]:5000")]
        {
            let both = [format!("https://{base}/"), format!("http://{base}/")];
            assert_eq!(addresses(&format!("{host}/cart")), both, "{host}");
        }
        for host in ["10.0.0.5:5000", "192.168.1.7:5000", "localhost.example.com", "127.0.0.1.example.com"] {
            assert_eq!(addresses(&format!("{host}/cart")), [format!("https://{host}/")], "{host}");
        }
    }
}
