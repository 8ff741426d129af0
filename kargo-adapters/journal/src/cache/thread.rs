//! The thread that reads and writes a cache's file, and what it is asked.

use std::sync::mpsc::Receiver;

use futures::channel::oneshot;
use kargo_core::{port::CacheKey, report::PortError};

use super::{Usage, place::Place, store::Entry, trouble::Trouble};

/// How many bytes of entries are put in one transaction, if so many wait.
const MOST_TOGETHER: usize = 8 << 20;

/// A question, and where its answer goes. Nobody may be waiting for that any more.
#[derive(Debug)]
pub(super) enum Ask {
    Get(Vec<CacheKey>, Answer<Vec<Option<Vec<u8>>>>),
    Put(Vec<Entry>, Answer<()>),
    Usage(Answer<Usage>),
}

pub(super) type Answer<T> = oneshot::Sender<Result<T, PortError>>;

/// Answers until nobody can ask any more, in the order of the questions. Puts that wait together are put together.
pub(super) fn serve(mut place: Place, asks: &Receiver<Ask>) {
    let mut next = None;
    while let Some(ask) = next.take().or_else(|| asks.recv().ok()) {
        match ask {
            Ask::Get(keys, answer) => {
                if !answer.is_canceled() {
                    let result = place.with(|store| store.get(keys.iter().map(CacheKey::as_str)));
                    let _ = answer.send(named(&place, result));
                }
            }
            Ask::Usage(answer) => {
                let result = place.with(|store| Ok(store.usage()));
                let _ = answer.send(named(&place, result));
            }
            Ask::Put(entries, answer) => {
                let (mut all, mut answers) = (entries, vec![answer]);
                let mut size: usize = all.iter().map(|(_, value)| value.len()).sum();
                while size < MOST_TOGETHER {
                    match asks.try_recv() {
                        Ok(Ask::Put(entries, answer)) => {
                            size += entries.iter().map(|(_, value)| value.len()).sum::<usize>();
                            all.extend(entries);
                            answers.push(answer);
                        }
                        Ok(other) => {
                            next = Some(other);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                let result = place.with(|store| store.put(&all));
                let result = named(&place, result);
                for answer in answers {
                    let _ = answer.send(result.clone());
                }
            }
        }
    }
}

fn named<T>(place: &Place, result: Result<T, Trouble>) -> Result<T, PortError> {
    result.map_err(|trouble| trouble.port_error().asking(&format!("artifact cache {}", place.file().display())))
}
