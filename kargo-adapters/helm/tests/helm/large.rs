//! An index of 30 MB, as the large public ones are.

use std::{fmt::Write as _, time::Instant};

use kargo_core::port::ChartRepository;
use kargo_helm::read_index;

use crate::server::{Mood, Server, charts};

/// An index as Helm writes it, of so many bytes or a little more; each chart has 200 versions.
fn synthetic(bytes: usize) -> (String, usize) {
    let mut text = "apiVersion: v1\nentries:\n".to_owned();
    let mut charts = 0;
    while text.len() < bytes {
        writeln!(text, "  chart-{charts}:").unwrap();
        for version in 0..200 {
            write!(
                text,
                "  - annotations:\n      category: Shop\n      images: |\n        - name: cart\n          image: docker.io/acme/cart:{version}\n        - name: shell\n          image: docker.io/acme/shell:11\n      licenses: Apache-2.0\n    apiVersion: v2\n    appVersion: 1.{version}.0\n    created: \"2026-09-05T11:33:04.141592653Z\"\n    dependencies:\n    - name: common\n      repository: oci://registry.acme.example/charts\n      tags:\n      - acme-common\n      version: 2.x.x\n    description: Cart is a shopping cart for the web. It keeps what people want, and\n      forgets it when they have it.\n    digest: 2e77a2c26d1ea4b2ba4ba4fbb02c3e8a4f1f9bd23b8ccf0f1c5e6a5f2f3e4d5c\n    home: https://acme.example\n    keywords:\n    - cart\n    - shop\n    maintainers:\n    - name: Acme, Inc.\n      url: https://github.com/acme/charts\n    name: chart-{charts}\n    sources:\n    - https://github.com/acme/charts/tree/main/cart\n    urls:\n    - https://charts.acme.example/chart-{charts}-1.{version}.0.tgz\n    version: 1.{version}.0\n"
            )
            .unwrap();
        }
        charts += 1;
    }
    text += "generated: \"2026-09-05T11:33:04.141592653Z\"\n";
    (text, charts)
}

#[tokio::test]
async fn thirty_megabytes_are_read() {
    let (text, count) = synthetic(30 << 20);
    let began = Instant::now();
    let reading = read_index(text.as_bytes()).unwrap();
    println!("{} bytes, {count} charts: read in {:?}", text.len(), began.elapsed());
    assert_eq!((reading.index.charts.len(), reading.skipped_count), (count, 0));
    assert_eq!(reading.index.versions("chart-7").len(), 200);
    // A debug build on a busy machine has this long; the optimised one takes a quarter of a second.
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());

    let server = Server::start(Mood::Says(200, Vec::new(), text.into_bytes())).await;
    let (charts, repo) = (charts(), server.repo());
    let index = charts.index(&repo, None).await.unwrap().into_value().unwrap();
    assert_eq!(index, reading.index);
}
