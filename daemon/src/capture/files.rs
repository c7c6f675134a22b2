//! Several capture files, read as one in the order of time.

use std::fs;
use std::io;
use std::path::Path;

use wire::Packet;

use super::headway::Headway;
use super::{CaptureFile, Fault, FileError, Reading};

/// Several capture files, read as one in the order of time.
pub struct Files {
    files: Vec<CaptureFile>,
    /// What is wrong with those that could not be opened.
    unopened: Vec<Fault>,
    headway: Option<Headway>,
}

/// What the header of a record takes, where its form is not looked at.
const RECORD_HEADER: u64 = 16;

impl Files {
    /// Opens every file; `-` is standard input.
    ///
    /// # Errors
    /// Names each file that can not be opened or is no capture, where none of them can be
    /// read. Else the others are read, and [`Self::each`] names them in the end.
    pub fn open<P: AsRef<Path>>(paths: &[P]) -> Result<Self, FileError> {
        Self::open_to_be_read(paths, Reading::ByTaker)
    }

    /// The same, each read as this says.
    ///
    /// # Errors
    /// As above.
    pub fn open_to_be_read<P: AsRef<Path>>(
        paths: &[P],
        reading: Reading,
    ) -> Result<Self, FileError> {
        let mut files = Vec::new();
        let mut faults = Vec::new();
        for path in paths {
            let path = path.as_ref();
            let opened = if path == Path::new("-") {
                CaptureFile::from_stream(Path::new("standard input"), io::stdin(), reading)
            } else {
                CaptureFile::open(path, reading)
            };
            match opened {
                Ok(file) => files.push(file),
                Err(fault) => faults.push(fault),
            }
        }
        if files.is_empty() && !faults.is_empty() {
            return Err(FileError { faults });
        }
        let octets: Option<u64> = paths.iter().map(|path| octets_of(path.as_ref())).sum();
        let is_known = faults.is_empty() && files.iter().all(CaptureFile::is_unpacked);
        let headway = octets.filter(|_| is_known).and_then(Headway::begin);
        Ok(Self { files, unopened: faults, headway })
    }

    /// Lends every packet, the earliest of all files first. Within one file the order is
    /// the file's own.
    ///
    /// # Errors
    /// Names each file that could not be opened or read to its end. The packets before the
    /// fault, and all of the other files, were lent.
    pub fn each(&mut self, mut take: impl FnMut(&Packet<'_>)) -> Result<(), FileError> {
        let mut faults = std::mem::take(&mut self.unopened);
        let mut headway = self.headway.take();
        let mut take = |packet: &Packet<'_>| {
            take(packet);
            if let Some(headway) = &mut headway {
                let octets = u64::try_from(packet.bytes.len()).unwrap_or(0);
                headway.advance(octets + RECORD_HEADER);
            }
        };
        let mut step = |file: &mut CaptureFile| {
            file.advance().unwrap_or_else(|fault| {
                faults.push(fault);
                false
            })
        };
        self.files.retain_mut(&mut step);
        while let Some(number) = self.earliest() {
            // Alone, a file is read to its end without a look at the others.
            if let [file] = &mut self.files[..] {
                while let Some(packet) = file.packet() {
                    take(&packet);
                    if !step(file) {
                        break;
                    }
                }
                break;
            }
            let Some(file) = self.files.get_mut(number) else { break };
            if let Some(packet) = file.packet() {
                take(&packet);
            }
            if !step(file) {
                self.files.remove(number);
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(FileError { faults }) }
    }

    fn earliest(&self) -> Option<usize> {
        let times = self.files.iter().enumerate();
        times.min_by_key(|(_, file)| file.time()).map(|(number, _)| number)
    }
}

/// The length of a regular file; of anything else nobody knows when it ends.
fn octets_of(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|found| found.len())
}

#[cfg(test)]
mod tests {
    use super::super::file::forge::{MICROS, NANOS, pcap};
    use super::*;

    #[test]
    fn several_files_are_read_as_one_in_the_order_of_time() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: Vec<u8>| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let mut cut = pcap(MICROS, false, &[(2, 0, b"b"), (5, 0, b"e"), (6, 0, b"f")]);
        cut.pop();
        let paths = [
            write("a", pcap(MICROS, false, &[(1, 0, b"a"), (4, 0, b"d"), (7, 0, b"g")])),
            write("b", cut),
            write("c", pcap(NANOS, true, &[(3, 0, b"c")])),
        ];
        let mut heard: Vec<u8> = Vec::new();
        let mut files = Files::open(&paths).expect("opened");
        let result = files.each(|packet| heard.extend(packet.bytes));
        assert_eq!(heard, b"abcdeg");
        assert_eq!(result.expect_err("one is cut").faults.len(), 1);
        let mut ahead: Vec<u8> = Vec::new();
        let mut files = Files::open_to_be_read(&paths, Reading::Ahead).expect("opened");
        let result = files.each(|packet| ahead.extend(packet.bytes));
        assert_eq!(ahead, heard, "by threads of their own it is the same");
        assert_eq!(result.expect_err("one is cut").faults.len(), 1);
    }

    #[test]
    fn a_file_that_can_not_be_opened_keeps_no_other_from_being_read() {
        let folder = tempfile::tempdir().unwrap();
        let (good, bad) = (folder.path().join("good"), folder.path().join("bad"));
        std::fs::write(&good, pcap(MICROS, false, &[(1, 0, b"a"), (2, 0, b"b")])).unwrap();
        std::fs::write(&bad, "no capture").unwrap();
        let mut heard: Vec<u8> = Vec::new();
        let mut files = Files::open(&[&bad, &good]).expect("one is good");
        let faults = files.each(|packet| heard.extend(packet.bytes)).expect_err("one is bad");
        assert_eq!(heard, b"ab");
        assert_eq!(faults.faults.iter().map(|fault| &fault.file).collect::<Vec<_>>(), [&bad]);
    }

    #[test]
    fn every_file_that_can_not_be_opened_is_named() {
        let missing = Files::open(&["/nowhere/a.pcap", "/nowhere/b.pcap"]).err().expect("missing");
        assert_eq!(missing.faults.len(), 2);
        let says = missing.to_string();
        assert!(
            says.contains("/nowhere/a.pcap: ") && says.contains("\n/nowhere/b.pcap: "),
            "{says}"
        );
    }
}
