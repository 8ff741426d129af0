//! Reading manifests.

use serde_json::{Value, json};

use super::*;
use crate::{port::digest_of, report::PortClass};

fn parse(media_type: Option<&str>, value: &Value) -> Result<ImageManifest, PortError> {
    ImageManifest::parse(media_type, value.to_string().as_bytes())
}

fn index() -> Value {
    json!({
        "schemaVersion": 2, "mediaType": OCI_INDEX, "annotations": {"a": "b"},
        "manifests": [
            {"mediaType": OCI_IMAGE, "size": 7, "digest": digest_of(b"1"), "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
            {"mediaType": OCI_IMAGE, "size": 7, "digest": digest_of(b"2"), "annotations": {"kind": "attestation"}},
        ],
    })
}

fn image() -> Value {
    json!({"schemaVersion": 2, "mediaType": OCI_IMAGE, "config": {"digest": digest_of(b"{}"), "size": 2}, "layers": []})
}

#[test]
fn discovery_2_6_an_index_keeps_its_order_platforms_and_annotations() {
    let ImageManifest::Index(read) = parse(Some(OCI_INDEX), &index()).unwrap() else { panic!("no index") };
    assert_eq!(read.annotations["a"], "b");
    assert_eq!(read.entries[0].digest, digest_of(b"1"));
    assert_eq!(read.entries[0].platform.as_ref().unwrap().variant, "v8");
    assert_eq!(read.entries[1].platform, None);
    assert_eq!(read.entries[1].annotations["kind"], "attestation");
}

#[test]
fn the_transports_media_type_goes_first_unless_it_is_vague() {
    for (said, inside, is_index) in [
        (Some(OCI_INDEX), "", true),
        (Some(DOCKER_LIST), OCI_INDEX, true),
        (Some("application/json; charset=utf-8"), OCI_INDEX, true),
        (Some("Application/VND.oci.image.index.v1+JSON; x=y"), "", true),
        (None, DOCKER_LIST, true),
        (None, "", true),
    ] {
        let mut value = index();
        value["mediaType"] = json!(inside);
        assert_eq!(matches!(parse(said, &value), Ok(ImageManifest::Index(_))), is_index, "{said:?} {inside}");
    }
    for said in [Some(OCI_IMAGE), Some(DOCKER_IMAGE), None] {
        assert!(matches!(parse(said, &image()), Ok(ImageManifest::Image(_))), "{said:?}");
    }
}

#[test]
fn discovery_2_6_anything_else_is_rejected_by_name() {
    let mut wrong_digest = image();
    wrong_digest["config"]["digest"] = json!("sha256:0");
    let mut many = index();
    many["manifests"] = Value::Array(vec![index()["manifests"][0].clone(); ImageManifest::MAX_ENTRIES + 1]);
    for (said, value, part) in [
        (Some("application/vnd.cncf.helm.config.v1+json"), image(), "helm"),
        (Some(DOCKER_SCHEMA_1[1]), json!({"schemaVersion": 1}), "schema 1"),
        (None, json!({"schemaVersion": 1, "fsLayers": []}), "schema 1"),
        (None, json!({}), "no image configuration"),
        (None, json!([]), "not a JSON object"),
        (None, json!({"config": 5}), "cannot be read"),
        (None, json!({"manifests": [{"digest": "latest"}]}), "not a digest"),
        (None, wrong_digest, "not a digest"),
        (None, many, "at most 1000"),
    ] {
        let error = parse(said, &value).unwrap_err();
        assert_eq!(error.class(), PortClass::Rejected, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let long = vec![b' '; ImageManifest::MAX_BYTES + 1];
    assert!(ImageManifest::parse(None, &long).unwrap_err().to_string().contains("at most 4194304"));
    let deep = "[".repeat(200_000);
    assert!(ImageManifest::parse(None, format!("{{\"x\":{deep}").as_bytes()).is_err());
}

#[test]
fn discovery_2_6_an_embedded_configuration_is_used_if_it_is_the_right_one() {
    let config = br#"{"created":"2026-11-24T14:02:00Z"}"#;
    let data = "eyJjcmVhdGVkIjoiMjAyNi0xMS0yNFQxNDowMjowMFoifQ==";
    let read = |digest: Digest, data: &str| {
        let value = json!({"mediaType": OCI_IMAGE, "config": {"digest": digest, "data": data}});
        match parse(None, &value).unwrap() {
            ImageManifest::Image(image) => image.embedded,
            ImageManifest::Index(_) => panic!("no index"),
        }
    };
    assert_eq!(read(digest_of(config), data), Some(ImageConfig::parse(config).unwrap()));
    assert_eq!(read(digest_of(b"other"), data), None);
    assert_eq!(read(digest_of(config), "???"), None);
}

#[test]
fn base64_is_read_whole_or_not_at_all() {
    for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob")] {
        assert_eq!(base64(text).as_deref(), Some(bytes.as_bytes()), "{text}");
    }
    for wrong in ["Z", "Zg", "Zg=", "Z===", "Zm9v====", "Zm9*"] {
        assert_eq!(base64(wrong), None, "{wrong}");
    }
}

#[test]
fn serde_reads_the_same() {
    for value in [index(), image()] {
        assert_eq!(serde_json::from_value::<ImageManifest>(value.clone()).unwrap(), parse(None, &value).unwrap());
    }
    assert!(serde_json::from_value::<ImageManifest>(json!({"mediaType": "text/css"})).is_err());
}
