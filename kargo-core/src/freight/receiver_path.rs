//! Paths of webhook receivers, which only who knows the secret can tell (resources 16.9).

use sha2::{Digest, Sha256};

use super::sums::hex;

/// What stands for a receiver and its secret in a path: 64 lower-case hex digits (resources 16.9).
///
/// `project` is empty for receivers of the cluster. The secret goes into the checksum and nowhere else; another secret
/// gives another path.
///
/// ```
/// use kargo_core::freight::receiver_hash;
/// let hash = receiver_hash("kargo-demo", "my-receiver", b"s3cr3t");
/// assert_eq!(hash, "0d17c5d5d449f969951c3a81db5057705cf42c699ae44e6bcf48847a68dafce1");
/// ```
#[must_use]
pub fn receiver_hash(project: &str, receiver: &str, secret: &[u8]) -> String {
    hex(&Sha256::new().chain_update(project).chain_update(receiver).chain_update(secret).finalize())
}

/// The path of a receiver: base path, the segment of its type (such as `github`), and its [`receiver_hash`].
///
/// ```
/// use kargo_core::freight::{receiver_hash, receiver_path};
/// let hash = receiver_hash("kargo-demo", "my-receiver", b"s3cr3t");
/// assert_eq!(receiver_path("/webhooks", "github", &hash), format!("/webhooks/github/{hash}"));
/// ```
#[must_use]
pub fn receiver_path(base_path: &str, segment: &str, hash: &str) -> String {
    [base_path.trim_end_matches('/'), "/", segment, "/", hash].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_16_9_example() {
        assert_eq!(
            receiver_hash("kargo-demo", "my-receiver", b"s3cr3t"),
            "0d17c5d5d449f969951c3a81db5057705cf42c699ae44e6bcf48847a68dafce1"
        );
    }

    #[test]
    fn discovery_7_1_vectors() {
        assert_eq!(
            receiver_hash("kargo-demo", "my-first-receiver", b"soylent green is people\n"),
            "804b6f6bb40eb1f0e371f971d71dd95549be4bc9cbf868046941115f44073c67"
        );
        assert_eq!(
            receiver_hash("kargo-demo", "my-second-receiver", b"rosebud was a sled\n"),
            "0eba9ff2a91f04f7787404b8f8f0edaf8cf8c39add34082651a474803cc99015"
        );
    }

    #[test]
    fn resources_16_9_receivers_of_the_cluster_have_no_project() {
        let cluster = "540c40ef97e2c0b6e17636cb79158a5da55f73940aa9a49051fe7892011e4e7c";
        assert_eq!(receiver_hash("", "my-receiver", b"s3cr3t"), cluster);
        // Nothing separates the three texts.
        assert_eq!(receiver_hash("my-", "receivers3", b"cr3t"), cluster);
        assert_ne!(receiver_hash("", "my-receiver", b"s3cr3t\n"), cluster);
    }

    #[test]
    fn resources_16_9_secrets_need_not_be_text() {
        assert_ne!(receiver_hash("p", "r", &[0xff, 0x00]), receiver_hash("p", "r", &[0xff]));
    }

    #[test]
    fn resources_16_9_paths() {
        for base in ["/webhooks", "/webhooks/"] {
            assert_eq!(receiver_path(base, "gitlab", "ab"), "/webhooks/gitlab/ab");
        }
        for base in ["", "/"] {
            assert_eq!(receiver_path(base, "gitlab", "ab"), "/gitlab/ab");
        }
    }
}
