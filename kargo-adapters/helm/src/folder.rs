//! The index of a classic repository in a folder of this machine.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use kargo_core::{
    port::{ChartIndex, PortClass},
    report::{PortError, Reply},
};
use kargo_http::reqwest::Url;

use crate::{
    classic::mark,
    index::{self, read_index},
};

/// What is called a host in errors.
const HOST: &str = "localhost";

/// Reads the index that a `file:` address names, up to a limit, if it is not the one that the mark names.
pub(crate) async fn index(url: &Url, limit: usize, known: Option<&str>) -> Result<Reply<ChartIndex>, PortError> {
    let asked = format!("read {}", url.path());
    let named = |error: PortError| error.at(HOST).asking(&asked);
    let path = url.to_file_path().map_err(|()| named(PortError::misconfigured("not a path of this machine")))?;
    let known = known.map(str::to_owned);
    let what = asked.clone();
    let task = tokio::task::spawn_blocking(move || read(&path, limit, known.as_deref(), &what));
    task.await.map_err(|_| PortError::retryable("the runtime is shutting down")).flatten().map_err(named)
}

fn read(path: &Path, limit: usize, known: Option<&str>, asked: &str) -> Result<Reply<ChartIndex>, PortError> {
    let bytes = bytes(path, limit).map_err(|error| PortError::new(class(error.kind()), error))?;
    if bytes.len() > limit {
        return Err(PortError::rejected(format!("the index is longer than {limit} bytes")));
    }
    let mark = mark(&bytes);
    if known == Some(&mark) {
        return Ok(Reply::unchanged().with_etag(mark));
    }
    let reading = read_index(&bytes).map_err(PortError::rejected)?;
    Ok(Reply::new(index::reported(reading, HOST, asked)).with_etag(mark))
}

/// The file, or a byte more than the limit of it.
fn bytes(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take((limit as u64).saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn class(kind: io::ErrorKind) -> PortClass {
    match kind {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => PortClass::NotFound,
        io::ErrorKind::PermissionDenied => PortClass::Unauthorized,
        io::ErrorKind::IsADirectory => PortClass::Rejected,
        _ => PortClass::Retryable { after: None },
    }
}
