//! Writes seeded traffic as a capture, and beside it which names a reader must find:
//! `traffic mix|storm FACTOR FILE [SEED]`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use wardline_benches::{Frame, Mix, Traffic, truth_of, unlisted};

/// Names that are asked for in turn.
const NAMES: usize = 20_000;
/// Visits of a capture whose factor is 1.
const VISITS_OF_MIX: f64 = 4_008.0;
const VISITS_OF_STORM: f64 = 250_000.0;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(order) = Order::read(&words) else {
        eprintln!("Say what, how much and where: traffic mix|storm FACTOR FILE [SEED]");
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
    visits: u64,
    file: String,
    seed: u64,
}

impl Order {
    fn read(words: &[String]) -> Option<Self> {
        let (what, factor, file, seed) = match words {
            [what, factor, file] => (what, factor, file, "1"),
            [what, factor, file, seed] => (what, factor, file, seed.as_str()),
            _ => return None,
        };
        let (mix, visits) = match what.as_str() {
            "mix" => (Mix::Whole, VISITS_OF_MIX),
            "storm" => (Mix::Storm, VISITS_OF_STORM),
            _ => return None,
        };
        let factor: f64 = factor.parse().ok()?;
        let visits = (factor.clamp(0.0, 1e6) * visits).round() as u64;
        Some(Self { mix, visits, file: file.clone(), seed: seed.parse().ok()? })
    }

    fn write(&self) -> io::Result<()> {
        let names = unlisted(self.seed, NAMES);
        let mut file = BufWriter::with_capacity(1 << 20, File::create(&self.file)?);
        let mut truth = BufWriter::new(File::create(truth_of(&self.file))?);
        file.write_all(&HEADER)?;
        for frame in Traffic::new(self.seed, self.mix, &names).visits(self.visits) {
            write_record(&mut file, &frame)?;
            if let Some(telling) = frame.tells {
                writeln!(truth, "{telling}")?;
            }
        }
        truth.flush()?;
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
