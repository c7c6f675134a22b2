//! Writes the first inputs of the fuzz targets: `seeds FOLDER [CAPTURES…]`.
//!
//! Each parser's samples go to a folder of the parser's name, streams and frames of captures
//! to `feed`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use wardline_tests::hostile::{Parser, frames_in, stream_seeds};

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).map(PathBuf::from);
    let Some(folder) = words.next() else {
        eprintln!("Say where the inputs go, and if you like captures: seeds tests/fuzz/corpus");
        return ExitCode::from(64);
    };
    let captures: Vec<PathBuf> = words.collect();
    let frames = match frames_in(&captures) {
        Ok(frames) => frames,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(66);
        }
    };
    let parsers = Parser::ALL.into_iter().map(|parser| (parser.word(), parser.seeds()));
    let all = parsers.chain([("feed", stream_seeds(&frames))]);
    for (target, seeds) in all {
        println!("{target}: {} inputs", seeds.len());
        if let Err(error) = write(&folder.join(target), &seeds) {
            eprintln!("{}: {error}", folder.display());
            return ExitCode::from(73);
        }
    }
    ExitCode::SUCCESS
}

fn write(folder: &Path, seeds: &[(String, Vec<u8>)]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    seeds.iter().try_for_each(|(name, bytes)| fs::write(folder.join(name), bytes))
}
