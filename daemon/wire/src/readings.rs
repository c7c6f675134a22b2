//! What a receiver may have read of octets that were sent in more than one version.
//!
//! Which version a receiver takes is up to its system, and which pieces reached it is up to
//! the way there: a piece with a short life ends before it. A mirror can see neither, so a
//! reading is made for each way in which one receiver would treat every piece alike: by the
//! rules that systems are known to have (Novak and Sturges, "Target-Based TCP Stream
//! Reassembly", 2007), by each lifetime alone, and by the second and the third version where
//! there are more than two. Never one version here and another there as no receiver would.

/// The pieces of a stretch, in the order they came, once two of them differed.
#[derive(Clone, Debug)]
pub(crate) struct Rivals {
    pieces: Vec<Piece>,
    /// Octets that the pieces own.
    owned: usize,
}

/// One piece: where it lies, and what it said where that is not what was said first.
#[derive(Clone, Debug)]
struct Piece {
    from: u32,
    to: u32,
    /// How many hops it could still go.
    hops: u8,
    own: Option<Vec<u8>>,
}

/// How a receiver chooses between a piece that it has and one that comes later.
#[derive(Clone, Copy)]
enum Choice {
    /// What comes last.
    Last,
    /// What began further ahead: BSD, Windows, macOS.
    Bsd,
    /// The same, or what begins alike and ends later.
    Linux,
    /// What ends later: Solaris, HP-UX.
    Solaris,
    /// The version of this number, of those that differ.
    Version(u8),
    /// Only pieces with so many hops left arrived.
    Hops(u8),
}

/// Pieces that are remembered, and the octets that they may own: what is over is not read.
const MOST_RIVALS: usize = 64;
pub(crate) const MOST_OWNED: usize = 64 * 1024;
/// Readings beside the first.
const MOST_READINGS: usize = 8;

impl Rivals {
    /// Begins with what is there already.
    pub(crate) fn new(ranges: &[(u32, u32)], hops: u8) -> Self {
        let piece = |(from, to): &(u32, u32)| Piece { from: *from, to: *to, hops, own: None };
        Self { pieces: ranges.iter().take(MOST_RIVALS).map(piece).collect(), owned: 0 }
    }

    pub(crate) fn bytes_held(&self) -> usize {
        let pieces = self.pieces.capacity().saturating_mul(size_of::<Piece>());
        pieces.saturating_add(self.owned).saturating_add(size_of::<Self>())
    }

    /// The most that `bytes_held` can say.
    pub(crate) const fn most_bytes() -> usize {
        MOST_RIVALS
            .saturating_mul(2)
            .saturating_mul(size_of::<Piece>())
            .saturating_add(MOST_OWNED)
            .saturating_add(size_of::<Self>())
    }

    /// Takes a piece; `own` is what it says, where that differs from what was said first.
    pub(crate) fn add(&mut self, from: u32, to: u32, hops: u8, own: Option<&[u8]>) {
        let owned = self.owned.saturating_add(own.map_or(0, <[u8]>::len));
        if self.pieces.len() >= MOST_RIVALS || owned > MOST_OWNED {
            return;
        }
        self.owned = owned;
        self.pieces.push(Piece { from, to, hops, own: own.map(<[u8]>::to_vec) });
    }

    /// Moves all offsets up, as when an earlier piece comes.
    pub(crate) fn raise(&mut self, by: u32) {
        for piece in &mut self.pieces {
            piece.from = piece.from.saturating_add(by);
            piece.to = piece.to.saturating_add(by);
        }
    }

    /// Leaves octets behind; says whether any piece is left.
    pub(crate) fn advance(&mut self, count: u32) -> bool {
        self.pieces.retain_mut(|piece| {
            let gone = usize::try_from(count.saturating_sub(piece.from)).unwrap_or(usize::MAX);
            if let Some(own) = &mut piece.own {
                own.drain(..gone.min(own.len()));
            }
            piece.from = piece.from.saturating_sub(count);
            piece.to = piece.to.saturating_sub(count);
            piece.to > piece.from
        });
        let owned = self.pieces.iter().filter_map(|piece| piece.own.as_ref()).map(Vec::capacity);
        self.owned = owned.fold(0, usize::saturating_add);
        !self.pieces.is_empty()
    }

    /// Every reading of the first octets that is not `first`, each once.
    pub(crate) fn others(&self, first: &[u8]) -> Vec<Vec<u8>> {
        let mut readings: Vec<Vec<u8>> = Vec::new();
        if self.owned == 0 {
            return readings;
        }
        let mut hops: Vec<u8> = self.pieces.iter().map(|piece| piece.hops).collect();
        hops.sort_unstable();
        hops.dedup();
        let hops = hops.into_iter().rev().map(Choice::Hops);
        let systems = [Choice::Last, Choice::Bsd, Choice::Linux, Choice::Solaris];
        let versions = [Choice::Version(2), Choice::Version(3)];
        for choice in systems.into_iter().take(1).chain(hops).chain(versions).chain(systems) {
            if readings.len() >= MOST_READINGS {
                break;
            }
            let reading = self.reading(first, choice);
            if reading != first && !readings.contains(&reading) {
                readings.push(reading);
            }
        }
        readings
    }

    fn reading(&self, first: &[u8], choice: Choice) -> Vec<u8> {
        let length = u32::try_from(first.len()).unwrap_or(u32::MAX);
        let mut edges: Vec<u32> =
            self.pieces.iter().flat_map(|piece| [piece.from, piece.to]).collect();
        edges.extend([0, length]);
        edges.retain(|edge| *edge <= length);
        edges.sort_unstable();
        edges.dedup();
        let mut reading = Vec::with_capacity(first.len());
        for pair in edges.windows(2) {
            let [from, to] = *pair else { continue };
            reading.extend_from_slice(self.chosen(first, from, to, choice));
        }
        reading
    }

    /// The octets from one edge to the next that a receiver takes.
    fn chosen<'a>(&'a self, first: &'a [u8], from: u32, to: u32, choice: Choice) -> &'a [u8] {
        let mut held: Option<&Piece> = None;
        let mut version = 1;
        for piece in self.pieces.iter().filter(|piece| piece.from <= from && to <= piece.to) {
            let Some(old) = held else {
                held = Some(piece);
                continue;
            };
            let differs = piece.octets(first, from, to) != old.octets(first, from, to);
            let wins = match choice {
                Choice::Last => true,
                Choice::Bsd => piece.from < old.from,
                Choice::Linux => {
                    piece.from < old.from || (piece.from == old.from && piece.to > old.to)
                }
                Choice::Solaris => {
                    piece.to > old.to || (piece.to == old.to && piece.from <= old.from)
                }
                Choice::Version(wanted) => differs && piece.own.is_some() && version < wanted,
                Choice::Hops(hops) => piece.hops == hops && old.hops != hops,
            };
            if wins {
                held = Some(piece);
                version = version.saturating_add(u8::from(differs));
            }
        }
        held.map_or_else(|| between(first, from, to), |piece| piece.octets(first, from, to))
    }
}

impl Piece {
    fn octets<'a>(&'a self, first: &'a [u8], from: u32, to: u32) -> &'a [u8] {
        match &self.own {
            Some(own) => between(own, from.saturating_sub(self.from), to.saturating_sub(self.from)),
            None => between(first, from, to),
        }
    }
}

fn between(octets: &[u8], from: u32, to: u32) -> &[u8] {
    let index = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    octets.get(index(from)..index(to)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::assembler::Assembler;

    fn readings(pieces: &[(u32, &str, u8)]) -> Vec<String> {
        let mut assembler = Assembler::new(0);
        for (seq, octets, hops) in pieces {
            assembler.insert_with(*seq, octets.as_bytes(), *hops);
        }
        let first = [assembler.prefix().to_vec()];
        let all = first.into_iter().chain(assembler.other_readings());
        all.map(|reading| String::from_utf8(reading).unwrap()).collect()
    }

    #[test]
    fn every_version_of_one_stretch_is_a_reading() {
        let pieces = [(0, "ab", 64), (2, "cc", 64), (2, "dd", 64), (2, "ee", 64), (4, "f", 64)];
        assert_eq!(readings(&pieces), ["abccf", "abeef", "abddf"]);
    }

    #[test]
    fn what_lived_as_long_is_read_together_and_nothing_is_read_as_no_receiver_would() {
        let pieces =
            [(0, "a", 64), (1, "bb", 64), (1, "xx", 2), (3, "yy", 2), (3, "cc", 64), (5, "d", 64)];
        assert_eq!(readings(&pieces), ["abbyyd", "axxccd", "abbccd", "axxyyd"]);
    }
}
