//! Runs classic BPF over a frame as the kernel does: a load behind the frame's end turns the
//! frame away.

use super::assembler::{Instruction, code};
use code::{
    A, ABS, ADD, ALU, AND, BYTE, DIV, HALF, IND, JA, JEQ, JGE, JGT, JMP, JSET, LD, LDX, LEN, LSH,
    MEM, MISC, MOD, MSH, MUL, NEG, OR, RET, RSH, ST, STX, SUB, TXA, X, XOR,
};

/// What the program gives for a frame: how many octets are kept, none where it is turned
/// away.
pub(in super::super) fn run(program: &[Instruction], frame: &[u8]) -> u32 {
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
