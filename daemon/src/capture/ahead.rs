//! A stream that a thread of its own reads, and unpacks, a few blocks ahead.
//!
//! What is read is the same, and in the same order: several captures are still one in the
//! order of time. Only the waiting for disks and decoders is shared out.

use std::io::{self, ErrorKind, Read};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::file::BLOCK_BYTES;

/// Blocks that are read and not taken yet, of each stream: a megabyte.
const BLOCKS: usize = 4;

/// A stream that is read ahead.
pub(super) struct Ahead {
    blocks: Receiver<io::Result<Vec<u8>>>,
    /// Blocks to be filled again.
    spare: Sender<Vec<u8>>,
    block: Vec<u8>,
    /// How much of the block was given.
    given: usize,
}

impl Ahead {
    /// Begins to read.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn begin(source: impl Read + Send + 'static) -> io::Result<Self> {
        let (filled, blocks) = bounded(BLOCKS);
        let (spare, empty) = bounded(BLOCKS + 2);
        thread::Builder::new()
            .name("reader".to_owned())
            .spawn(move || read_ahead(source, &empty, &filled))?;
        Ok(Self { blocks, spare, block: Vec::new(), given: 0 })
    }
}

/// Reads until the stream ends or nobody takes any more.
fn read_ahead(
    mut source: impl Read,
    empty: &Receiver<Vec<u8>>,
    filled: &Sender<io::Result<Vec<u8>>>,
) {
    loop {
        let mut block = empty.try_recv().unwrap_or_default();
        block.resize(BLOCK_BYTES, 0);
        let (octets, failed) = fill(&mut source, &mut block);
        block.truncate(octets);
        let goes_on = octets == BLOCK_BYTES && failed.is_none();
        let is_taken = octets == 0 || filled.send(Ok(block)).is_ok();
        if let Some(error) = failed.filter(|_| is_taken) {
            let _ = filled.send(Err(error));
        }
        if !goes_on || !is_taken {
            return;
        }
    }
}

/// Fills a block as far as the stream goes: how many octets came, and why no more did.
fn fill(source: &mut impl Read, block: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut octets = 0;
    while let Some(room) = block.get_mut(octets..).filter(|room| !room.is_empty()) {
        match source.read(room) {
            Ok(0) => break,
            Ok(more) => octets += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (octets, Some(error)),
        }
    }
    (octets, None)
}

impl Read for Ahead {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.block.len() {
            // Nothing comes after the end, nor after an error.
            let Ok(next) = self.blocks.recv() else { return Ok(0) };
            let old = std::mem::replace(&mut self.block, next?);
            self.given = 0;
            let _ = self.spare.try_send(old);
        }
        let mut rest = self.block.get(self.given..).unwrap_or_default();
        let octets = rest.read(room)?;
        self.given += octets;
        Ok(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_ahead_is_what_stands_there_however_it_is_taken() {
        let whole: Vec<u8> = (0..3 * BLOCK_BYTES + 7).map(|n| (n % 251) as u8).collect();
        for step in [1_000, BLOCK_BYTES - 1, BLOCK_BYTES, 2 * BLOCK_BYTES] {
            let mut ahead = Ahead::begin(io::Cursor::new(whole.clone())).unwrap();
            let (mut read, mut room) = (Vec::new(), vec![0; step]);
            loop {
                match ahead.read(&mut room).unwrap() {
                    0 => break,
                    octets => read.extend_from_slice(&room[..octets]),
                }
            }
            assert!(read == whole, "{step}");
            assert_eq!(ahead.read(&mut room).unwrap(), 0);
        }
        let mut nothing = Ahead::begin(io::empty()).unwrap();
        assert_eq!(nothing.read(&mut [0; 9]).unwrap(), 0);
    }

    #[test]
    fn all_that_stands_before_an_error_is_given_before_it() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(ErrorKind::UnexpectedEof.into())
            }
        }
        let source = io::Cursor::new(vec![7; BLOCK_BYTES + 9]).chain(Fails);
        let mut read = Vec::new();
        let error = Ahead::begin(source).unwrap().read_to_end(&mut read).unwrap_err();
        assert_eq!((read.len(), error.kind()), (BLOCK_BYTES + 9, ErrorKind::UnexpectedEof));
    }

    #[test]
    fn a_reader_that_is_dropped_ends_its_thread() {
        struct Endless(Sender<()>);
        impl Read for Endless {
            fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
                Ok(room.len())
            }
        }
        impl Drop for Endless {
            fn drop(&mut self) {
                let _ = self.0.send(());
            }
        }
        let (kept, ended) = bounded(1);
        let mut ahead = Ahead::begin(Endless(kept)).unwrap();
        assert_eq!(ahead.read(&mut [0; 9]).unwrap(), 9);
        drop(ahead);
        assert_eq!(ended.recv(), Ok(()), "its source was dropped");
    }
}
