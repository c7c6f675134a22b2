//! Frames of capture files, as seeds beside the samples.

use std::fs::File;
use std::path::{Path, PathBuf};

use pcap_parser::{Block, PcapBlockOwned, PcapError, create_reader};
use wire::LinkType;

use super::{Carrier, Laid, Sample};

/// Frames that are taken of one file, from its beginning.
const MOST_OF_A_FILE: usize = 40;
/// Longer ones are left out: bulk says nothing.
const LONGEST_FRAME: usize = 4_096;
const ROOM: usize = 1 << 20;

/// The first frames of each capture, and of each in a folder. Files that are no captures are
/// stepped over.
///
/// # Errors
/// Names the file or folder that can not be read.
pub fn frames_in(paths: &[PathBuf]) -> Result<Vec<Sample>, String> {
    let mut frames = Vec::new();
    for path in paths {
        if !path.is_dir() {
            frames.extend(frames_of(path)?);
            continue;
        }
        let entries = path.read_dir().map_err(|error| format!("{}: {error}", path.display()))?;
        let mut inside: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        inside.sort();
        frames.extend(frames_in(&inside)?);
    }
    Ok(frames)
}

fn frames_of(path: &Path) -> Result<Vec<Sample>, String> {
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let Ok(mut reader) = create_reader(ROOM, file) else { return Ok(Vec::new()) };
    let mut links = Vec::new();
    let mut frames = Vec::new();
    while frames.len() < MOST_OF_A_FILE {
        let length = match reader.next() {
            Ok((length, block)) => {
                frames.extend(frame_in(&block, &mut links));
                length
            }
            Err(PcapError::Incomplete(_)) => 0,
            Err(_) => break,
        };
        reader.consume(length);
        if length == 0 && reader.refill().is_err() {
            break;
        }
    }
    Ok(frames)
}

/// The frame in a block, by the links that were described before it.
fn frame_in(block: &PcapBlockOwned<'_>, links: &mut Vec<LinkType>) -> Option<Sample> {
    let link = |number: i32| LinkType::from_pcap(u32::try_from(number).unwrap_or(u32::MAX));
    let (link, bytes) = match block {
        PcapBlockOwned::LegacyHeader(header) => {
            *links = vec![link(header.network.0)];
            return None;
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            links.clear();
            return None;
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(described)) => {
            links.push(link(described.linktype.0));
            return None;
        }
        PcapBlockOwned::Legacy(frame) => (links.first(), frame.data),
        PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
            (usize::try_from(packet.if_id).ok().and_then(|n| links.get(n)), packet.data)
        }
        PcapBlockOwned::NG(Block::SimplePacket(packet)) => (links.first(), packet.data),
        PcapBlockOwned::NG(_) => return None,
    };
    let carrier = Carrier::Frame(*link?);
    let fits = bytes.len() <= LONGEST_FRAME && !bytes.is_empty();
    fits.then(|| Sample::new("recorded", carrier, Laid::bare(bytes), &[]))
}
