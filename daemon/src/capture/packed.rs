//! Captures that were packed with gzip or zstd, unpacked as they are read.
//!
//! Whether and how a file is packed is told by its first octets, never by its name. Nothing
//! is unpacked further ahead than a few blocks: a file that would unpack to terabytes costs the decoder's
//! window and no more. Traffic itself is never unpacked, and live capture does not come here.

use std::fmt;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878; a frame may want a window of 100 MiB at most.
    Zstd,
}

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// The last three octets before a frame of zstd that holds no data; the first has any low
/// four bits.
const SKIPPED: &[u8] = &[0x2a, 0x4d, 0x18];

/// A frame's last block, empty, and the checksum that may follow it.
const LAST_BLOCK: &[u8] = &[1, 0, 0, 0, 0, 0, 0];

impl Packing {
    /// How a file is packed that begins with these octets.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            _ if head.starts_with(GZIP) => Some(Self::Gzip),
            _ if head.starts_with(ZSTD) => Some(Self::Zstd),
            [0x50..=0x5f, rest @ ..] if rest.starts_with(SKIPPED) => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Unpacks a stream. A read fails with `UnexpectedEof` where the packed data ends early
    /// and with `InvalidData` or `InvalidInput` where it is damaged, after everything before
    /// that place was given.
    pub(super) fn unpack(self, packed: impl Read + Send + 'static) -> Box<dyn Read + Send> {
        match self {
            Self::Gzip => Box::new(Gzip { member: Some(GzDecoder::new(BufReader::new(packed))) }),
            Self::Zstd => Box::new(Zstd::new(packed)),
        }
    }
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

/// Members of gzip, one after another, and noughts behind each: tapes and disks fill their
/// blocks so.
struct Gzip<R> {
    member: Option<GzDecoder<BufReader<R>>>,
}

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let given = member.read(room)?;
            if given > 0 || room.is_empty() {
                return Ok(given);
            }
            let Some(member) = self.member.take() else { break };
            let mut packed = member.into_inner();
            self.member = pass_noughts(&mut packed)?.then(|| GzDecoder::new(packed));
        }
        Ok(0)
    }
}

/// Passes over noughts; whether anything stands behind them.
fn pass_noughts(packed: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let ahead = packed.fill_buf()?;
        let noughts = ahead.iter().take_while(|octet| **octet == 0).count();
        if noughts < ahead.len() {
            packed.consume(noughts);
            return Ok(true);
        }
        if noughts == 0 {
            return Ok(false);
        }
        packed.consume(noughts);
    }
}

/// Frames of zstd, one after another.
struct Zstd<R> {
    packed: BufReader<Noting<R>>,
    decoder: FrameDecoder,
    inside: bool,
    /// Told once all that was unpacked before it is given.
    failed: Option<io::Error>,
}

impl<R: Read> Zstd<R> {
    fn new(packed: R) -> Self {
        let packed = BufReader::new(Noting { source: packed, ended: false, error: None });
        Self { packed, decoder: FrameDecoder::new(), inside: false, failed: None }
    }

    /// Goes into the next frame; false where there is none. Frames that hold no data are
    /// stepped over.
    fn enters(&mut self) -> io::Result<bool> {
        loop {
            if self.packed.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.packed) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let wanted = u64::from(length);
                    let skipped = io::copy(&mut self.packed.by_ref().take(wanted), &mut io::sink());
                    if skipped? < wanted {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(_) => return Err(self.why()),
            }
        }
    }

    /// Unpacks until there is enough for `room` or the frame ends.
    fn unpack(&mut self, room: usize) {
        while self.decoder.can_collect() < room && !self.decoder.is_finished() {
            let more = BlockDecodingStrategy::UptoBytes(room - self.decoder.can_collect());
            if self.decoder.decode_blocks(&mut self.packed, more).is_err() {
                self.failed = Some(self.why());
                // The decoder keeps a window back until a frame ends: this ends it.
                let end = BlockDecodingStrategy::UptoBlocks(1);
                if self.decoder.decode_blocks(LAST_BLOCK, end).is_err() {
                    return;
                }
            }
        }
    }

    /// Why the decoder could not go on: the source failed, or ended, or is no zstd.
    fn why(&mut self) -> io::Error {
        let noting = self.packed.get_mut();
        let kind = if noting.ended { ErrorKind::UnexpectedEof } else { ErrorKind::InvalidData };
        noting.error.take().unwrap_or_else(|| kind.into())
    }
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.inside {
                if let Some(error) = self.failed.take() {
                    return Err(error);
                }
                self.inside = self.enters()?;
                if !self.inside {
                    return Ok(0);
                }
            }
            if self.failed.is_none() {
                self.unpack(room.len());
            }
            let given = self.decoder.read(room)?;
            if given > 0 || room.is_empty() {
                return Ok(given);
            }
            self.inside = false;
        }
    }
}

/// A source that remembers why it gave no more, since the decoder does not tell.
struct Noting<R> {
    source: R,
    ended: bool,
    error: Option<io::Error>,
}

impl<R: Read> Read for Noting<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let result = self.source.read(room);
        match &result {
            Ok(0) if !room.is_empty() => self.ended = true,
            Err(error) if error.kind() != ErrorKind::Interrupted => {
                self.error = Some(copied(error));
            }
            _ => {}
        }
        result
    }
}

/// The same error once more.
pub(super) fn copied(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
