//! The last part of what a process says on standard error.

use tokio::io::{AsyncRead, AsyncReadExt};

/// How much is kept.
const KEPT: usize = 8 * 1024;

/// Reads to the end and keeps the last 8 KiB.
pub(crate) async fn read_tail(mut from: impl AsyncRead + Unpin) -> std::io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    let mut chunk = [0u8; 4096];
    loop {
        let count = from.read(&mut chunk).await?;
        if count == 0 {
            break;
        }
        kept.extend_from_slice(chunk.get(..count).unwrap_or_default());
        if kept.len() > 2 * KEPT {
            kept.drain(..kept.len() - KEPT);
        }
    }
    if kept.len() > KEPT {
        kept.drain(..kept.len() - KEPT);
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_end_is_kept() {
        let mut long = vec![b'a'; 100_000];
        long.extend_from_slice(b"fatal: the end");
        let kept = read_tail(long.as_slice()).await.unwrap();
        assert_eq!(kept.len(), KEPT);
        assert!(kept.ends_with(b"aafatal: the end"));
        assert_eq!(read_tail(b"short".as_slice()).await.unwrap(), b"short");
    }
}
