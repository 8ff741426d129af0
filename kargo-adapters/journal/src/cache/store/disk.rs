//! A pretended disk that can tear, lose and refuse writes.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard},
};

use redb::StorageBackend;

/// Bytes, and what was written to them since they were last synchronised. Clones are one disk.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What a power cut cannot take.
    durable: Vec<u8>,
    /// What is read.
    live: Vec<u8>,
    pending: Vec<Op>,
    /// After so many more changes every call fails with this.
    refuses: Option<(u64, io::ErrorKind)>,
    changes: u64,
}

#[derive(Clone, Debug)]
enum Op {
    Write(usize, Vec<u8>),
    SetLen(usize),
}

/// What a disk writes at once.
const SECTOR: usize = 512;

impl Disk {
    pub(super) fn with(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(State { durable: bytes.clone(), live: bytes, ..State::default() })))
    }

    /// After so many more changes, every call fails.
    pub(super) fn refuse_after(&self, changes: u64, kind: io::ErrorKind) {
        self.lock().refuses = Some((changes, kind));
    }

    pub(super) fn relent(&self) {
        self.lock().refuses = None;
    }

    /// How many writes, changes of length and synchronisations there were.
    pub(super) fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// What a process reads.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.lock().live.clone()
    }

    /// The disk after a power cut: of what was not synchronised some is there, some is not, and some is there in part.
    pub(super) fn after_power_cut(&self, dice: &mut Dice) -> Self {
        let state = self.lock();
        let mut bytes = state.durable.clone();
        for op in &state.pending {
            match (op, dice.roll(3)) {
                (_, 0) => {}
                (Op::SetLen(len), _) => bytes.resize(*len, 0),
                (Op::Write(offset, data), 1) => write(&mut bytes, *offset, data),
                (Op::Write(offset, data), _) => {
                    for (n, sector) in data.chunks(SECTOR).enumerate() {
                        if dice.roll(2) == 0 {
                            write(&mut bytes, offset + n * SECTOR, sector);
                        }
                    }
                }
            }
        }
        Self::with(bytes)
    }

    /// The disk after the process was killed: the system writes what it was given.
    pub(super) fn after_kill(&self) -> Self {
        Self::with(self.bytes())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn change(&self, op: Option<Op>) -> io::Result<()> {
        let mut state = self.lock();
        state.changes += 1;
        if let Some((left, kind)) = &mut state.refuses {
            if *left == 0 {
                return Err((*kind).into());
            }
            *left -= 1;
        }
        match op {
            Some(op) => {
                match &op {
                    Op::Write(offset, data) => write(&mut state.live, *offset, data),
                    Op::SetLen(len) => state.live.resize(*len, 0),
                }
                state.pending.push(op);
            }
            None => {
                state.durable = state.live.clone();
                state.pending.clear();
            }
        }
        Ok(())
    }
}

fn write(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(data);
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.lock().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        let state = self.lock();
        let part = state.live.get(offset..offset + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(part);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Some(Op::SetLen(usize::try_from(len).unwrap())))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(None)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Some(Op::Write(usize::try_from(offset).unwrap(), data.to_vec())))
    }
}

/// Numbers that look random and are the same for a seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// Below `sides`.
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}
