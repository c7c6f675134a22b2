//! Reads a capture through libpcap and counts its packets: what any reader pays at least.

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(file) = std::env::args_os().nth(1) else {
        eprintln!("Say which capture: empty-loop FILE");
        return ExitCode::from(64);
    };
    let counted = pcap::Capture::from_file(file).and_then(|mut capture| {
        let mut counted = (0_u64, 0_u64);
        capture.for_each(None, |packet| {
            counted.0 += 1;
            counted.1 += u64::from(packet.header.caplen);
        })?;
        Ok(counted)
    });
    match counted {
        Ok((packets, octets)) => {
            println!("{packets} packets, {octets} octets");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(65)
        }
    }
}
