//! The tables of a cache's file: entries, and the order in which they were used.

use std::collections::BTreeSet;

use redb::{
    Builder, Database, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _, StorageBackend, Table,
    TableDefinition, WriteTransaction,
};
use sha2::{Digest as _, Sha256};

use super::{CacheSettings, Damage, trouble::Trouble};

/// The number of the format below. Another number means another format: the file is begun anew.
const FORMAT: u64 = 1;

/// By key: when it was last used, a checksum, and the value. See [`pack`].
const ENTRIES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("entries");
/// Keys by when they were last used, each once. Uses are numbered.
const USES: TableDefinition<'_, u64, &str> = TableDefinition::new("uses");
/// Numbers about the whole: [`IS_FORMAT`], [`IS_BYTES`], [`IS_NEXT`].
const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");
const IS_FORMAT: &str = "format";
const IS_BYTES: &str = "bytes";
const IS_NEXT: &str = "next use";

/// What an entry costs beside its key and value, in bytes.
const OVERHEAD: u64 = 64;
/// How many uses are remembered until the next transaction; more would take memory for little.
const MOST_TOUCHED: usize = 65_536;

/// What a cache holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// How many entries.
    pub entries: u64,
    /// How many bytes they have, counted as [`CacheSettings::bytes`] says.
    pub bytes: u64,
}

/// An open file.
#[derive(Debug)]
pub(super) struct Store {
    db: Database,
    settings: CacheSettings,
    /// The number of the next use.
    next: u64,
    usage: Usage,
    /// Keys that were read since the last transaction, to be written down with the next.
    touched: BTreeSet<String>,
}

/// An entry to put.
pub(super) type Entry = (String, Vec<u8>);

impl Store {
    /// Opens what is there, or begins anew where nothing is.
    pub(super) fn open(backend: impl StorageBackend, settings: CacheSettings) -> Result<Self, Trouble> {
        let db = Builder::new().set_cache_size(settings.memory_bytes).create_with_backend(backend)?;
        let transaction = db.begin_read()?;
        let about = match transaction.open_table(ABOUT) {
            Err(redb::TableError::TableDoesNotExist(_)) => return Self::begin(db, settings),
            about => about?,
        };
        let number = |name: &str| Ok::<_, Trouble>(about.get(name)?.map(|value| value.value()));
        let found = number(IS_FORMAT)?.unwrap_or_default();
        if found != FORMAT {
            return Err(Trouble::Damaged(Damage::OtherFormat { found, known: FORMAT }));
        }
        let (bytes, next) = (number(IS_BYTES)?.unwrap_or_default(), number(IS_NEXT)?.unwrap_or_default());
        let entries = transaction.open_table(ENTRIES)?.len()?;
        if entries != transaction.open_table(USES)?.len()? {
            return Err(Trouble::unreadable("its tables do not agree"));
        }
        drop((about, transaction));
        Ok(Self { db, settings, next, usage: Usage { entries, bytes }, touched: BTreeSet::new() })
    }

    fn begin(db: Database, settings: CacheSettings) -> Result<Self, Trouble> {
        let transaction = db.begin_write()?;
        transaction.open_table(ENTRIES)?;
        transaction.open_table(USES)?;
        transaction.open_table(ABOUT)?.insert(IS_FORMAT, FORMAT)?;
        transaction.commit()?;
        Ok(Self { db, settings, next: 0, usage: Usage::default(), touched: BTreeSet::new() })
    }

    /// What it holds.
    pub(super) fn usage(&self) -> Usage {
        self.usage
    }

    /// What is under each of the keys.
    pub(super) fn get<'k>(&mut self, keys: impl IntoIterator<Item = &'k str>) -> Result<Vec<Option<Vec<u8>>>, Trouble> {
        let transaction = self.db.begin_read()?;
        let entries = transaction.open_table(ENTRIES)?;
        let mut values = Vec::new();
        for key in keys {
            let Some(stored) = entries.get(key)? else {
                values.push(None);
                continue;
            };
            let (used, value) = unpack(key, stored.value())?;
            values.push(Some(value.to_vec()));
            // What is among the younger half stays where it is: most reads then cost no write.
            let is_old = self.next.saturating_sub(used) > self.usage.entries / 2;
            if is_old && self.touched.len() < MOST_TOUCHED {
                self.touched.insert(key.to_owned());
            }
        }
        Ok(values)
    }

    /// Puts these, in their order, in one transaction; forgets what is too much.
    pub(super) fn put(&mut self, entries: &[Entry]) -> Result<(), Trouble> {
        let transaction = self.db.begin_write()?;
        let (next, usage) = Change::begin(&transaction, self)?.apply(self.settings, &self.touched, entries)?;
        transaction.commit()?;
        (self.next, self.usage) = (next, usage);
        self.touched.clear();
        Ok(())
    }

    /// Writes down which entries were read, so that the next process knows.
    pub(super) fn close(mut self) -> Result<(), Trouble> {
        if self.touched.is_empty() { Ok(()) } else { self.put(&[]) }
    }
}

/// A transaction under way.
struct Change<'t> {
    entries: Table<'t, &'static str, &'static [u8]>,
    uses: Table<'t, u64, &'static str>,
    about: Table<'t, &'static str, u64>,
    next: u64,
    usage: Usage,
}

impl<'t> Change<'t> {
    fn begin(transaction: &'t WriteTransaction, store: &Store) -> Result<Self, Trouble> {
        Ok(Self {
            entries: transaction.open_table(ENTRIES)?,
            uses: transaction.open_table(USES)?,
            about: transaction.open_table(ABOUT)?,
            next: store.next,
            usage: store.usage,
        })
    }

    /// The number of the next use, and what the store holds, once the transaction is over.
    fn apply(
        mut self,
        settings: CacheSettings,
        touched: &BTreeSet<String>,
        put: &[Entry],
    ) -> Result<(u64, Usage), Trouble> {
        for key in touched {
            if let Some(value) = self.remove(key)? {
                self.insert(key, &value)?;
            }
        }
        for (key, value) in put {
            self.remove(key)?;
            if key.len() <= CacheSettings::LONGEST_KEY && value.len() <= settings.value_bytes {
                self.insert(key, value)?;
            }
        }
        while self.usage.bytes > settings.bytes || self.usage.entries > settings.entries {
            let Some(key) = self.uses.first()?.map(|(_, key)| key.value().to_owned()) else { break };
            if self.remove(&key)?.is_none() {
                return Err(Trouble::unreadable(format!("the entry of {key:?} is missing")));
            }
        }
        self.about.insert(IS_BYTES, self.usage.bytes)?;
        self.about.insert(IS_NEXT, self.next)?;
        Ok((self.next, self.usage))
    }

    /// Takes an entry out, if it is there.
    fn remove(&mut self, key: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(stored) = self.entries.remove(key)? else { return Ok(None) };
        let (used, value) = unpack(key, stored.value())?;
        let value = value.to_vec();
        drop(stored);
        if self.uses.remove(used)?.is_none_or(|known| known.value() != key) {
            return Err(Trouble::unreadable(format!("the use of {key:?} is missing")));
        }
        self.usage.entries = self.usage.entries.saturating_sub(1);
        self.usage.bytes = self.usage.bytes.saturating_sub(cost(key, &value));
        Ok(Some(value))
    }

    /// Puts an entry that is not there, as the one used last.
    fn insert(&mut self, key: &str, value: &[u8]) -> Result<(), Trouble> {
        self.entries.insert(key, pack(key, self.next, value).as_slice())?;
        self.uses.insert(self.next, key)?;
        self.next += 1;
        self.usage.entries += 1;
        self.usage.bytes += cost(key, value);
        Ok(())
    }
}

fn cost(key: &str, value: &[u8]) -> u64 {
    (key.len() as u64).saturating_add(value.len() as u64).saturating_add(OVERHEAD)
}

/// Bytes before the value: eight for the use, eight for the checksum.
const HEAD: usize = 16;

/// The use, least byte first; the checksum; the value.
fn pack(key: &str, used: u64, value: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(HEAD + value.len());
    stored.extend_from_slice(&used.to_le_bytes());
    stored.extend_from_slice(&checksum(key, value));
    stored.extend_from_slice(value);
    stored
}

fn unpack<'v>(key: &str, stored: &'v [u8]) -> Result<(u64, &'v [u8]), Trouble> {
    let parts = stored.split_first_chunk::<8>().and_then(|(used, rest)| Some((used, rest.split_first_chunk::<8>()?)));
    match parts {
        Some((used, (sum, value))) if *sum == checksum(key, value) => Ok((u64::from_le_bytes(*used), value)),
        _ => Err(Trouble::unreadable(format!("the entry of {key:?} does not match its checksum"))),
    }
}

/// The beginning of a SHA-256 of key and value: enough to notice a page that is somebody else's.
fn checksum(key: &str, value: &[u8]) -> [u8; 8] {
    let digest = Sha256::new().chain_update(key).chain_update([0]).chain_update(value).finalize();
    digest.first_chunk::<8>().copied().unwrap_or_default()
}

#[cfg(test)]
mod disk;
#[cfg(test)]
mod tests;
