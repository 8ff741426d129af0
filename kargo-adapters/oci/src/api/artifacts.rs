//! Manifests and configurations.

use kargo_core::{
    Digest,
    port::{
        Head, ImageConfig, ImageManifest, PortClass, PortError, Reply, Tagged, digest_of, is_digest, verify_digest,
    },
};
use kargo_http::{Answer, Asked};

/// What a tag points at, by HEAD; `None` if the registry cannot say it this way, and has to be asked by GET.
pub(crate) fn head(answer: &Answer) -> Result<Option<Reply<Head>>, PortError> {
    match answer.meaning() {
        Ok(reply) => {
            let digest = answer.header("docker-content-digest").filter(|text| is_digest(text));
            Ok(digest.map(|digest| reply.map(|()| Head::new(digest.into()))))
        }
        Err(error) if error.class() == PortClass::Unsupported => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a tag points at, with the manifest: the digest is that of the bytes.
pub(crate) fn tagged(answer: Answer) -> Result<Reply<Tagged>, PortError> {
    read(answer, |content_type, bytes| {
        let manifest = ImageManifest::parse(content_type, bytes)?;
        Ok(Tagged { digest: digest_of(bytes), manifest })
    })
}

/// The manifest with a digest.
pub(crate) fn manifest(answer: Answer, digest: &Digest) -> Result<Reply<ImageManifest>, PortError> {
    read(answer, |content_type, bytes| {
        verify_digest(bytes, digest)?;
        ImageManifest::parse(content_type, bytes)
    })
}

/// The configuration with a digest.
pub(crate) fn config(answer: Answer, digest: &Digest) -> Result<Reply<ImageConfig>, PortError> {
    read(answer, |_, bytes| {
        verify_digest(bytes, digest)?;
        ImageConfig::parse(bytes)
    })
}

fn read<T>(
    answer: Answer,
    parse: impl FnOnce(Option<&str>, &[u8]) -> Result<T, PortError>,
) -> Result<Reply<T>, PortError> {
    let asked: Asked = answer.asked().clone();
    let content_type = answer.header("content-type").map(str::to_owned);
    answer.into_bytes()?.try_map(|bytes| {
        parse(content_type.as_deref(), &bytes).map_err(|error| error.at(asked.host()).asking(asked.what()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

    fn answer(status: u16) -> Answer {
        Answer::new(Asked::of("ghcr.io", "GET /v2/acme/cart/manifests/1.4.2"), status)
    }

    fn image() -> Vec<u8> {
        format!(r#"{{"schemaVersion":2,"mediaType":"{OCI}","config":{{"digest":"{}"}}}}"#, digest_of(b"x")).into_bytes()
    }

    #[test]
    fn requirements_a3_head_tells_the_digest_or_sends_to_get() {
        let digest = digest_of(b"x");
        let said = answer(200).with_header("Docker-Content-Digest", digest.to_string());
        let reply = head(&said.with_header("ratelimit-remaining", "7")).unwrap().unwrap();
        assert_eq!(reply.rate_limit().remaining, Some(7));
        assert_eq!(reply.into_value().unwrap(), Head::new(digest));
        for silent in [answer(200), answer(200).with_header("Docker-Content-Digest", "sha256:0"), answer(405)] {
            assert_eq!(head(&silent), Ok(None), "{silent:?}");
        }
        assert_eq!(head(&answer(404)).unwrap_err().class(), PortClass::NotFound);
    }

    #[test]
    fn discovery_2_6_the_digest_is_that_of_the_bytes_and_not_of_the_header() {
        let claimed = answer(200).with_header("content-type", OCI).with_header("docker-content-digest", "sha256:0");
        let tagged = tagged(claimed.with_body(image())).unwrap().into_value().unwrap();
        assert_eq!(tagged.digest, digest_of(&image()));
    }

    #[test]
    fn discovery_2_6_what_does_not_match_or_is_no_image_is_rejected() {
        let body = |kind: &str, bytes: &[u8]| answer(200).with_header("Content-Type", kind).with_body(bytes.to_vec());
        let good = digest_of(&image());
        assert!(manifest(body(OCI, &image()), &good).is_ok());
        for (answer, digest, part) in [
            (body(OCI, &image()), digest_of(b"other"), "its digest is"),
            (body("application/vnd.cncf.helm.chart+json", &image()), good.clone(), "is no image"),
            (body("text/html", b"<html>"), digest_of(b"<html>"), "not a JSON object"),
            (body("application/vnd.docker.distribution.manifest.v1+json", &image()), good, "schema 1"),
        ] {
            let error = manifest(answer, &digest).unwrap_err();
            assert_eq!((error.class(), error.host()), (PortClass::Rejected, Some("ghcr.io")));
            assert!(error.to_string().contains(part), "{error}");
        }
        let error = config(body("application/octet-stream", b"[]"), &digest_of(b"[]")).unwrap_err();
        assert_eq!(error.class(), PortClass::Rejected);
        assert!(config(body("", b"{}"), &digest_of(b"{}")).is_ok());
    }
}
