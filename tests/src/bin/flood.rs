//! Floods a wire and says what it held and heard: `flood PACKETS BETWEEN`.

use std::process::ExitCode;

use wardline_tests::hostile::{Deluge, Flood};

fn main() -> ExitCode {
    let numbers: Result<Vec<u64>, _> = std::env::args().skip(1).map(|one| one.parse()).collect();
    let Ok([packets, between]) = numbers.as_deref() else {
        eprintln!(
            "Say how many packets, and how many between two parts of a message: flood 1000000 100"
        );
        return ExitCode::from(64);
    };
    let mut over = false;
    for flood in Flood::ALL {
        match (Deluge { flood, packets: *packets, between: *between }).pour() {
            Ok(damage) => println!("{flood:?}: {damage}"),
            Err(held) => {
                println!("{flood:?}: {held} octets are held, more than the cap");
                over = true;
            }
        }
    }
    ExitCode::from(u8::from(over))
}
