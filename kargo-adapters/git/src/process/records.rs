//! Cutting a stream into records, with bounds on each and on all.

use tokio::io::{AsyncRead, AsyncReadExt};

use super::{Limits, Stop};

/// Reads to the end and hands over each record without its delimiter. A last record without one is handed over too.
pub(crate) async fn read_records<F>(
    mut from: impl AsyncRead + Unpin,
    delimiter: u8,
    limits: &Limits,
    mut each: F,
) -> Result<(), Stop>
where
    F: FnMut(&[u8]) -> Result<(), String>,
{
    let mut chunk = vec![0u8; 64 * 1024];
    let mut pending: Vec<u8> = Vec::new();
    let mut bytes = 0u64;
    let mut records = 0u64;
    let mut give = |record: &[u8]| {
        records = records.saturating_add(1);
        if records > limits.records {
            return Err(Stop::Records);
        }
        if record.len() > limits.record_bytes {
            return Err(Stop::RecordBytes);
        }
        each(record).map_err(Stop::Unreadable)
    };
    loop {
        let count = from.read(&mut chunk).await.map_err(|error| Stop::Io(error.kind()))?;
        if count == 0 {
            break;
        }
        bytes = bytes.saturating_add(count as u64);
        if bytes > limits.bytes {
            return Err(Stop::Bytes);
        }
        let mut rest = chunk.get(..count).unwrap_or_default();
        while let Some(at) = rest.iter().position(|b| *b == delimiter) {
            let (record, tail) = rest.split_at(at);
            if pending.is_empty() {
                give(record)?;
            } else {
                pending.extend_from_slice(record);
                give(&pending)?;
                pending.clear();
            }
            rest = tail.get(1..).unwrap_or_default();
        }
        pending.extend_from_slice(rest);
        if pending.len() > limits.record_bytes {
            return Err(Stop::RecordBytes);
        }
    }
    if pending.is_empty() { Ok(()) } else { give(&pending) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: Limits = Limits { time: Duration::from_secs(1), bytes: 1000, records: 4, record_bytes: 10 };

    async fn read(from: &[u8]) -> Result<Vec<Vec<u8>>, Stop> {
        let mut all = Vec::new();
        read_records(from, b'\n', &LIMITS, |record| {
            all.push(record.to_vec());
            Ok(())
        })
        .await
        .map(|()| all)
    }

    #[tokio::test]
    async fn records_are_cut_at_the_delimiter() {
        assert_eq!(read(b"a\n\nbc\nd").await.unwrap(), [b"a".to_vec(), vec![], b"bc".to_vec(), b"d".to_vec()]);
        assert!(read(b"").await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn every_bound_stops() {
        assert_eq!(read(b"1\n2\n3\n4\n5\n").await, Err(Stop::Records));
        assert_eq!(read(b"12345678901\n").await, Err(Stop::RecordBytes));
        assert_eq!(read(b"12345678901").await, Err(Stop::RecordBytes));
        assert_eq!(read(&[b'x'; 1001]).await, Err(Stop::Bytes));
    }
}
