//! Repositories in folders: what goes wrong there.

use std::fs;

use kargo_core::port::{ChartRepo, ChartRepository, PortClass};
use kargo_helm::{HelmCharts, NoCredentials};

use crate::server::{charts, settings};

#[tokio::test]
async fn w3_bad_input_files_have_their_class() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index.yaml");
    let repo = ChartRepo::parse(&format!("file://{}", folder.path().display())).unwrap();
    let charts = charts();
    let class = async || {
        let error = charts.index(&repo, None).await.unwrap_err();
        assert_eq!(error.host(), Some("localhost"), "{error}");
        assert_eq!(error.asked().unwrap(), format!("read {}", index.display()), "{error}");
        error.class()
    };
    assert_eq!(class().await, PortClass::NotFound);
    fs::create_dir(&index).unwrap();
    assert_eq!(class().await, PortClass::Rejected);
    fs::remove_dir(&index).unwrap();
    fs::write(&index, "<html></html>").unwrap();
    assert_eq!(class().await, PortClass::Rejected);
    fs::write(&index, "entries: [").unwrap();
    assert_eq!(class().await, PortClass::Rejected);
    fs::write(&index, "entries: {}\n").unwrap();
    assert!(charts.index(&repo, None).await.is_ok());
    let mut settings = settings();
    settings.index_bytes = 11;
    let error = HelmCharts::new(settings, NoCredentials).unwrap().index(&repo, None).await.unwrap_err();
    assert!(error.class() == PortClass::Rejected && error.to_string().contains("longer than 11 bytes"), "{error}");
}
