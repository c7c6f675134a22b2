//! A capture in the making: frames with their times, written as a pcap file.

use facts::Timestamp;

/// Frames and when each was seen.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    frames: Vec<(Timestamp, Vec<u8>)>,
}

impl Capture {
    /// Adds one frame.
    pub fn add(&mut self, at: Timestamp, frame: Vec<u8>) {
        self.frames.push((at, frame));
    }

    /// Adds many frames.
    pub fn extend(&mut self, frames: impl IntoIterator<Item = (Timestamp, Vec<u8>)>) {
        self.frames.extend(frames);
    }

    /// The frames by time; those of one moment keep the order in which they came.
    #[must_use]
    pub fn frames(mut self) -> Vec<(Timestamp, Vec<u8>)> {
        self.frames.sort_by_key(|(at, _)| *at);
        self.frames
    }

    /// The frames by time, as a pcap file of Ethernet with microseconds.
    ///
    /// # Panics
    /// Panics where a time lies outside 1970 to 2106, which the format can not hold.
    #[must_use]
    pub fn pcap(self) -> Vec<u8> {
        let mut file = Vec::new();
        file.extend(0xa1b2_c3d4_u32.to_le_bytes());
        file.extend([2, 0, 4, 0]);
        file.extend([0; 8]);
        file.extend(262_144_u32.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        for (at, frame) in self.frames() {
            let seconds = u32::try_from(at.as_micros().div_euclid(1_000_000));
            let micros = u32::try_from(at.as_micros().rem_euclid(1_000_000));
            let length = u32::try_from(frame.len()).expect("a short frame").to_le_bytes();
            file.extend(seconds.expect("a time the format can hold").to_le_bytes());
            file.extend(micros.expect("less than a second").to_le_bytes());
            file.extend(length);
            file.extend(length);
            file.extend(frame);
        }
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_written_by_time() {
        let mut capture = Capture::default();
        capture.add(Timestamp::from_micros(2_000_001), vec![2]);
        capture.add(Timestamp::from_micros(1_000_000), vec![1]);
        let file = capture.pcap();
        assert_eq!(file[..4], [0xd4, 0xc3, 0xb2, 0xa1]);
        assert_eq!(file[24..41], [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
        assert_eq!(file[41..49], [2, 0, 0, 0, 1, 0, 0, 0]);
    }
}
