//! Runs classic BPF over a frame as the kernel does: a load behind the frame's end turns the
//! frame away.

use super::assembler::{Instruction, code};
use code::{
    A, ABS, ADD, ALU, AND, BYTE, DIV, HALF, IND, JA, JEQ, JGE, JGT, JMP, JSET, LD, LDX, LEN, LSH,
    MEM, MISC, MOD, MSH, MUL, NEG, OR, RET, RSH, ST, STX, SUB, TXA, X, XOR,
};

/// What the program gives for a frame: how many octets are kept, none where it is turned
/// away.
pub(super) fn run(program: &[Instruction], frame: &[u8]) -> u32 {
    Machine::default().run(program, frame).unwrap_or(0)
}

/// The registers and the cells.
#[derive(Default)]
struct Machine {
    sum: u32,
    index: u32,
    cells: [u32; 16],
}

impl Machine {
    /// None where the program does what it may not, which ends it with nought.
    fn run(&mut self, program: &[Instruction], frame: &[u8]) -> Option<u32> {
        let mut at = 0_usize;
        loop {
            let &Instruction { code, yes, no, k } = program.get(at)?;
            at += 1;
            match code & 0x07 {
                LD => self.sum = self.loaded(code, k, frame)?,
                LDX if code & 0xe0 == MSH => {
                    self.index = u32::from(*frame.get(k as usize)? & 0x0f) << 2;
                }
                LDX => self.index = self.loaded(code, k, frame)?,
                ST => *self.cells.get_mut(k as usize)? = self.sum,
                STX => *self.cells.get_mut(k as usize)? = self.index,
                ALU => self.sum = self.computed(code, k)?,
                JMP if code & 0xf0 == JA => at += k as usize,
                JMP => at += usize::from(if self.holds(code, k)? { yes } else { no }),
                RET => return Some(if code & 0x18 == A { self.sum } else { k }),
                MISC if code & 0xf8 == TXA => self.sum = self.index,
                _ => self.index = self.sum,
            }
        }
    }

    fn loaded(&self, code: u16, k: u32, frame: &[u8]) -> Option<u32> {
        let from = match code & 0xe0 {
            ABS => k,
            IND => k.checked_add(self.index)?,
            MEM => return self.cells.get(k as usize).copied(),
            LEN => return u32::try_from(frame.len()).ok(),
            _ => return Some(k),
        };
        let octets = frame.get(from as usize..)?;
        Some(match code & 0x18 {
            BYTE => u32::from(*octets.first()?),
            HALF => u32::from(u16::from_be_bytes(*octets.first_chunk()?)),
            _ => u32::from_be_bytes(*octets.first_chunk()?),
        })
    }

    fn computed(&self, code: u16, k: u32) -> Option<u32> {
        let operand = if code & X == X { self.index } else { k };
        let sum = self.sum;
        Some(match code & 0xf0 {
            ADD => sum.wrapping_add(operand),
            SUB => sum.wrapping_sub(operand),
            MUL => sum.wrapping_mul(operand),
            DIV => sum.checked_div(operand)?,
            MOD => sum.checked_rem(operand)?,
            OR => sum | operand,
            AND => sum & operand,
            XOR => sum ^ operand,
            LSH => sum.checked_shl(operand).unwrap_or(0),
            RSH => sum.checked_shr(operand).unwrap_or(0),
            NEG => sum.wrapping_neg(),
            _ => return None,
        })
    }

    fn holds(&self, code: u16, k: u32) -> Option<bool> {
        let operand = if code & X == X { self.index } else { k };
        Some(match code & 0xf0 {
            JEQ => self.sum == operand,
            JGT => self.sum > operand,
            JGE => self.sum >= operand,
            JSET => self.sum & operand != 0,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use pcap::{Capture, Linktype};
    use proptest::prelude::*;

    use super::*;

    /// What libpcap makes of an expression, as numbers.
    fn compiled(expression: &str) -> (pcap::BpfProgram, Vec<Instruction>) {
        let capture = Capture::dead(Linktype::ETHERNET).expect("a handle");
        let program = capture.compile(expression, true).expect(expression);
        let instructions = program.get_instructions().iter().map(|instruction| {
            let said = instruction.to_string();
            let mut numbers = said.split(' ').map(|number| number.parse::<u32>().expect(&said));
            let mut next = || numbers.next().expect(&said);
            let code = u16::try_from(next()).expect("a code");
            let (yes, no) = (next(), next());
            let steps = |steps: u32| u8::try_from(steps).expect("eight bits");
            Instruction { code, yes: steps(yes), no: steps(no), k: next() }
        });
        let instructions = instructions.collect();
        (program, instructions)
    }

    const EXPRESSIONS: [&str; 12] = [
        "tcp port 443 and (tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0)",
        "udp port 53 or (vlan and udp port 53)",
        "ip6 and not tcp",
        "tcp[((tcp[12] & 0xf0) >> 2)] = 22",
        "ip[2:2] - ((ip[0] & 15) << 2) > 40",
        "len > 64 and len % 7 != 3",
        "ether[12:2] * 3 / 2 ^ 5 | 8 > 4000",
        "host 10.1.4.23 or net 10.0.0.0/9",
        "ip[6:2] & 0x3fff != 0",
        "arp or icmp or (ip proto 50)",
        "portrange 400-500 and greater 80",
        "vlan 7 and vlan 9 and tcp",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn it_gives_what_libpcap_gives(
            kind in prop::sample::select(vec![0x0800_u16, 0x86dd, 0x8100, 0x0806]),
            protocol in prop::sample::select(vec![6_u8, 17, 1, 50]),
            mut octets in prop::collection::vec(any::<u8>(), 0..120),
        ) {
            if let Some(place) = octets.get_mut(12..24) {
                place[..2].copy_from_slice(&kind.to_be_bytes());
                place[2] = 0x45;
                place[11] = protocol;
            }
            for expression in EXPRESSIONS {
                let (theirs, ours) = compiled(expression);
                prop_assert_eq!(run(&ours, &octets) > 0, theirs.filter(&octets), "{}", expression);
            }
        }
    }
}
