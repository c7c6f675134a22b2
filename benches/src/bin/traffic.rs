//! Writes seeded traffic as a pcap file: `traffic mix|storm PACKETS FILE [SEED]`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use wardline_benches::{Frame, Mix, Traffic, unlisted};

/// Names that are asked for in turn.
const NAMES: usize = 20_000;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(order) = Order::read(&words) else {
        eprintln!("Say what, how much and where: traffic mix|storm PACKETS FILE [SEED]");
        return ExitCode::from(64);
    };
    match order.write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", order.file);
            ExitCode::from(74)
        }
    }
}

struct Order {
    mix: Mix,
    packets: usize,
    file: String,
    seed: u64,
}

impl Order {
    fn read(words: &[String]) -> Option<Self> {
        let (what, packets, file, seed) = match words {
            [what, packets, file] => (what, packets, file, "1"),
            [what, packets, file, seed] => (what, packets, file, seed.as_str()),
            _ => return None,
        };
        let mix = match what.as_str() {
            "mix" => Mix::Whole,
            "storm" => Mix::Storm,
            _ => return None,
        };
        let (packets, seed) = (packets.parse().ok()?, seed.parse().ok()?);
        Some(Self { mix, packets, file: file.clone(), seed })
    }

    fn write(&self) -> io::Result<()> {
        let names = unlisted(self.seed, NAMES);
        let mut file = BufWriter::new(File::create(&self.file)?);
        file.write_all(&HEADER)?;
        for frame in Traffic::new(self.seed, self.mix, &names).take(self.packets) {
            write_record(&mut file, &frame)?;
        }
        file.flush()
    }
}

/// pcap of Ethernet with microseconds, little-endian.
const HEADER: [u8; 24] =
    [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];

fn write_record(file: &mut impl Write, frame: &Frame) -> io::Result<()> {
    let micros = frame.at.as_micros();
    let seconds = u32::try_from(micros.div_euclid(1_000_000)).unwrap_or(u32::MAX);
    let rest = u32::try_from(micros.rem_euclid(1_000_000)).unwrap_or_default();
    let length = u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX);
    for number in [seconds, rest, length, length] {
        file.write_all(&number.to_le_bytes())?;
    }
    file.write_all(&frame.bytes)
}
