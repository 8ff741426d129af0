//! Which port serves which host: a default, and hosts with a port of their own.

use std::{collections::BTreeMap, sync::Arc};

use crate::report::PortError;

/// Ports of one kind. What they are asked goes to the one that serves the host.
#[derive(Debug)]
pub(super) struct Routes<P: ?Sized> {
    usual: Option<Arc<P>>,
    hosts: BTreeMap<String, Arc<P>>,
}

impl<P: ?Sized> Routes<P> {
    /// Whatever has no port of its own goes here.
    pub(super) fn set_usual(&mut self, port: Arc<P>) {
        self.usual = Some(port);
    }

    pub(super) fn set_host(&mut self, host: &str, port: Arc<P>) {
        self.hosts.insert(host.trim().to_ascii_lowercase(), port);
    }

    /// The port of a host: its own, else that of the host whatever the port number, else the usual one.
    pub(super) fn find(&self, host: &str) -> Option<&Arc<P>> {
        let own = self.hosts.get(host).or_else(|| self.hosts.get(without_number(host)?));
        own.or(self.usual.as_ref())
    }

    /// As [`find`](Self::find), or what to do where there is none. `kind` and `builder` are the words for it.
    pub(super) fn serve(&self, host: &str, kind: &str, builder: &str) -> Result<&Arc<P>, PortError> {
        self.find(host).ok_or_else(|| {
            let text = format!(
                "no port serves {kind} of this host: wire one with Ports::{builder}_at({host:?}, ...), or one for all hosts \
                 with Ports::{builder}(...)"
            );
            PortError::misconfigured(text).at(host)
        })
    }
}

impl<P: ?Sized> Default for Routes<P> {
    fn default() -> Self {
        Self { usual: None, hosts: BTreeMap::new() }
    }
}

impl<P: ?Sized> Clone for Routes<P> {
    fn clone(&self) -> Self {
        Self { usual: self.usual.clone(), hosts: self.hosts.clone() }
    }
}

/// `git.corp` of `git.corp:8443`, `[::1]` of `[::1]:5000`; none where there is no number.
fn without_number(host: &str) -> Option<&str> {
    let (name, number) = host.rsplit_once(':')?;
    number.bytes().all(|b| b.is_ascii_digit()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(usual: Option<&str>, hosts: &[&str]) -> Routes<str> {
        let mut routes = Routes::<str>::default();
        if let Some(usual) = usual {
            routes.set_usual(usual.into());
        }
        for host in hosts {
            routes.set_host(host, (*host).into());
        }
        routes
    }

    #[test]
    fn architecture_5_ports_route_by_host() {
        let routes = routes(Some("usual"), &["Depot.acme.example", "git.corp", "git.corp:8443", "[::1]"]);
        for (host, expected) in [
            ("depot.acme.example", "Depot.acme.example"),
            ("depot.acme.example:5000", "Depot.acme.example"),
            ("git.corp:8443", "git.corp:8443"),
            ("git.corp:22", "git.corp"),
            ("[::1]:5000", "[::1]"),
            ("[::2]", "usual"),
            ("x.depot.acme.example", "usual"),
            ("ghcr.io", "usual"),
        ] {
            assert_eq!(routes.find(host).map(|port| &**port), Some(expected), "{host}");
        }
    }

    #[test]
    fn architecture_5_a_host_that_nothing_serves_is_named_with_the_way_out() {
        let error = routes(None, &["git.corp:8443"]).serve("git.corp", "git repositories", "git").unwrap_err();
        assert_eq!(
            error.to_string(),
            "git.corp: Misconfigured: no port serves git repositories of this host: wire one with \
             Ports::git_at(\"git.corp\", ...), or one for all hosts with Ports::git(...)"
        );
    }
}
