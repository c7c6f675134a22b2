//! Classic BPF by labels: jumps go forward to a label, and one that is too long for its
//! eight bits goes by way of a jump of 32.

use std::fmt;

/// One instruction (`struct sock_filter`): what to do, how many instructions to pass over
/// where a test holds or fails, and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Class, size and mode.
    pub code: u16,
    /// Instructions passed over where the test holds.
    pub yes: u8,
    /// Instructions passed over where it fails.
    pub no: u8,
    /// The operand.
    pub k: u32,
}

/// The kernel takes no longer program (`BPF_MAXINSNS`).
pub(super) const MOST_INSTRUCTIONS: usize = 4_096;

/// The numbers of instructions (`linux/bpf_common.h`).
pub(super) mod code {
    pub(in super::super) const LD: u16 = 0x00;
    pub(in super::super) const LDX: u16 = 0x01;
    pub(in super::super) const ST: u16 = 0x02;
    pub(in super::super) const STX: u16 = 0x03;
    pub(in super::super) const ALU: u16 = 0x04;
    pub(in super::super) const JMP: u16 = 0x05;
    pub(in super::super) const RET: u16 = 0x06;
    pub(in super::super) const MISC: u16 = 0x07;

    pub(in super::super) const HALF: u16 = 0x08;
    pub(in super::super) const BYTE: u16 = 0x10;

    pub(in super::super) const ABS: u16 = 0x20;
    pub(in super::super) const IND: u16 = 0x40;
    pub(in super::super) const MEM: u16 = 0x60;
    pub(in super::super) const LEN: u16 = 0x80;
    pub(in super::super) const MSH: u16 = 0xa0;

    pub(in super::super) const ADD: u16 = 0x00;
    pub(in super::super) const SUB: u16 = 0x10;
    pub(in super::super) const MUL: u16 = 0x20;
    pub(in super::super) const DIV: u16 = 0x30;
    pub(in super::super) const OR: u16 = 0x40;
    pub(in super::super) const AND: u16 = 0x50;
    pub(in super::super) const LSH: u16 = 0x60;
    pub(in super::super) const RSH: u16 = 0x70;
    pub(in super::super) const NEG: u16 = 0x80;
    pub(in super::super) const MOD: u16 = 0x90;
    pub(in super::super) const XOR: u16 = 0xa0;

    pub(in super::super) const JA: u16 = 0x00;
    pub(in super::super) const JEQ: u16 = 0x10;
    pub(in super::super) const JGT: u16 = 0x20;
    pub(in super::super) const JGE: u16 = 0x30;
    pub(in super::super) const JSET: u16 = 0x40;

    /// The operand is the index register and not the number.
    pub(in super::super) const X: u16 = 0x08;
    /// What is returned is the accumulator.
    pub(in super::super) const A: u16 = 0x10;
    pub(in super::super) const TXA: u16 = 0x80;
}

use code::{
    ABS, ADD, ALU, AND, BYTE, HALF, IND, JA, JEQ, JGE, JMP, JSET, LD, LDX, LEN, LSH, MEM, MISC,
    RET, RSH, ST, SUB, TXA, X,
};

/// A place in a program that a jump goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(usize);

/// How wide a load is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Width {
    Byte,
    Half,
    Word,
}

/// Where a load begins: so many octets into the frame, or after the index register.
#[derive(Clone, Copy, Debug)]
pub(super) enum From {
    Frame(u32),
    Index(u32),
}

/// What a jump asks of the accumulator.
#[derive(Clone, Copy, Debug)]
pub(super) enum If {
    /// It is this number.
    Is(u32),
    /// It is at least this number.
    AtLeast(u32),
    /// It is at least the index register.
    AtLeastIndex,
    /// One of these bits is set.
    AnyOf(u32),
}

/// What was written so far.
#[derive(Clone, Copy, Debug)]
enum Line {
    Plain(Instruction),
    Test { test: If, yes: Option<Label>, no: Option<Label> },
    Jump(Label),
    Here(Label),
}

/// Why there is no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssemblyError {
    /// It is longer than the kernel takes.
    TooLong(usize),
    /// A jump goes back, or to a label that stands nowhere.
    NowhereToGo,
}

impl fmt::Display for AssemblyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(length) => write!(
                f,
                "the kernel filter has {length} instructions and may have {MOST_INSTRUCTIONS}"
            ),
            Self::NowhereToGo => f.write_str("a jump in the kernel filter goes nowhere"),
        }
    }
}

impl std::error::Error for AssemblyError {}

/// Writes a program line by line.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    lines: Vec<Line>,
    labels: usize,
}

impl Assembler {
    /// A label that stands nowhere yet.
    pub(super) fn label(&mut self) -> Label {
        self.labels += 1;
        Label(self.labels - 1)
    }

    /// Puts a label at the next instruction.
    pub(super) fn here(&mut self, label: Label) {
        self.lines.push(Line::Here(label));
    }

    /// Takes octets into the accumulator, the first the highest. A load behind the end of
    /// the frame turns the frame away.
    pub(super) fn load(&mut self, width: Width, from: From) {
        let width = match width {
            Width::Byte => BYTE,
            Width::Half => HALF,
            Width::Word => 0,
        };
        let (mode, k) = match from {
            From::Frame(k) => (ABS, k),
            From::Index(k) => (IND, k),
        };
        self.plain(LD | width | mode, k);
    }

    /// The length of the frame.
    pub(super) fn load_length(&mut self) {
        self.plain(LD | LEN, 0);
    }

    pub(super) fn set_index(&mut self, k: u32) {
        self.plain(LDX, k);
    }

    /// Keeps the accumulator in a cell.
    pub(super) fn keep(&mut self, cell: u32) {
        self.plain(ST, cell);
    }

    pub(super) fn recall(&mut self, cell: u32) {
        self.plain(LD | MEM, cell);
    }

    pub(super) fn recall_index(&mut self, cell: u32) {
        self.plain(LDX | MEM, cell);
    }

    pub(super) fn index_is_sum(&mut self) {
        self.plain(MISC, 0);
    }

    pub(super) fn sum_is_index(&mut self) {
        self.plain(MISC | TXA, 0);
    }

    pub(super) fn add(&mut self, k: u32) {
        self.plain(ALU | ADD, k);
    }

    pub(super) fn add_index(&mut self) {
        self.plain(ALU | ADD | X, 0);
    }

    pub(super) fn subtract(&mut self, k: u32) {
        self.plain(ALU | SUB, k);
    }

    pub(super) fn subtract_index(&mut self) {
        self.plain(ALU | SUB | X, 0);
    }

    pub(super) fn and(&mut self, k: u32) {
        self.plain(ALU | AND, k);
    }

    pub(super) fn shift_left(&mut self, k: u32) {
        self.plain(ALU | LSH, k);
    }

    pub(super) fn shift_right(&mut self, k: u32) {
        self.plain(ALU | RSH, k);
    }

    pub(super) fn give(&mut self, k: u32) {
        self.plain(RET, k);
    }

    pub(super) fn jump(&mut self, to: Label) {
        self.lines.push(Line::Jump(to));
    }

    /// Goes there where it holds, and on where not.
    pub(super) fn when(&mut self, test: If, yes: Label) {
        self.lines.push(Line::Test { test, yes: Some(yes), no: None });
    }

    /// Goes on where it holds, and there where not.
    pub(super) fn unless(&mut self, test: If, no: Label) {
        self.lines.push(Line::Test { test, yes: None, no: Some(no) });
    }

    fn plain(&mut self, code: u16, k: u32) {
        self.lines.push(Line::Plain(Instruction { code, yes: 0, no: 0, k }));
    }

    /// The program. It is laid out from its end, so that every jump knows how far it goes.
    ///
    /// # Errors
    /// It is too long, or a jump goes nowhere.
    pub(super) fn program(&self) -> Result<Vec<Instruction>, AssemblyError> {
        let mut places = vec![None; self.labels];
        // The last instruction first.
        let mut laid: Vec<Instruction> = Vec::new();
        for line in self.lines.iter().rev() {
            match *line {
                Line::Here(label) => {
                    let place = places.get_mut(label.0).ok_or(AssemblyError::NowhereToGo)?;
                    *place = Some(laid.len());
                }
                Line::Plain(instruction) => laid.push(instruction),
                Line::Jump(label) => {
                    let k = distance(&places, label, laid.len())?;
                    laid.push(Instruction { code: JMP | JA, yes: 0, no: 0, k });
                }
                Line::Test { test, yes, no } => test_to(&mut laid, &places, test, yes, no)?,
            }
        }
        if laid.len() > MOST_INSTRUCTIONS {
            return Err(AssemblyError::TooLong(laid.len()));
        }
        laid.reverse();
        Ok(laid)
    }
}

/// Lays a test out, with a long jump behind it for each end that is too far for it.
fn test_to(
    laid: &mut Vec<Instruction>,
    places: &[Option<usize>],
    test: If,
    yes: Option<Label>,
    no: Option<Label>,
) -> Result<(), AssemblyError> {
    let next = laid.len();
    let target = |label: Option<Label>| match label {
        Some(label) => places.get(label.0).copied().flatten().ok_or(AssemblyError::NowhereToGo),
        None => Ok(next),
    };
    let (yes, no) = (target(yes)?, target(no)?);
    // One long jump makes the other end one further away, so room is left for it.
    let is_far = |target: usize| next - target >= usize::from(u8::MAX);
    let mut place = |target: usize| {
        if is_far(target) {
            let k = u32::try_from(laid.len() - target).unwrap_or(u32::MAX);
            laid.push(Instruction { code: JMP | JA, yes: 0, no: 0, k });
            laid.len()
        } else {
            target
        }
    };
    let (no, yes) = (place(no), place(yes));
    let steps =
        |target: usize| u8::try_from(laid.len() - target).map_err(|_| AssemblyError::NowhereToGo);
    let (yes, no) = (steps(yes)?, steps(no)?);
    let (code, k) = match test {
        If::Is(k) => (JEQ, k),
        If::AtLeast(k) => (JGE, k),
        If::AtLeastIndex => (JGE | X, 0),
        If::AnyOf(k) => (JSET, k),
    };
    laid.push(Instruction { code: JMP | code, yes, no, k });
    Ok(())
}

fn distance(places: &[Option<usize>], label: Label, next: usize) -> Result<u32, AssemblyError> {
    let place = places.get(label.0).copied().flatten().ok_or(AssemblyError::NowhereToGo)?;
    u32::try_from(next - place).map_err(|_| AssemblyError::NowhereToGo)
}

#[cfg(test)]
mod tests {
    use super::super::machine::run;
    use super::*;

    /// A test whose ends lie so many instructions ahead of it.
    fn far(yes: usize, no: usize) -> Vec<Instruction> {
        let mut assembler = Assembler::default();
        let (held, failed) = (assembler.label(), assembler.label());
        assembler.load_length();
        assembler.when(If::Is(7), held);
        assembler.jump(failed);
        let mut put = |count: usize, label: Label, k: u32| {
            for _ in 0..count {
                assembler.add(0);
            }
            assembler.here(label);
            assembler.give(k);
        };
        if yes <= no {
            put(yes, held, 1);
            put(no - yes, failed, 2);
        } else {
            put(no, failed, 2);
            put(yes - no, held, 1);
        }
        assembler.program().expect("a program")
    }

    #[test]
    fn a_jump_of_any_length_arrives() {
        for yes in [0, 1, 250, 251, 252, 253, 254, 255, 256, 257, 300, 2_000] {
            for no in [0, 3, 253, 254, 255, 256, 257, 1_900] {
                let program = far(yes, no);
                assert_eq!(run(&program, &[0; 7]), 1, "{yes} {no}");
                assert_eq!(run(&program, &[0; 8]), 2, "{yes} {no}");
            }
        }
    }

    #[test]
    fn a_test_of_which_both_ends_are_far_arrives_at_both() {
        for between in 240..260 {
            let mut assembler = Assembler::default();
            let (held, failed) = (assembler.label(), assembler.label());
            assembler.load_length();
            assembler.lines.push(Line::Test {
                test: If::AtLeast(8),
                yes: Some(held),
                no: Some(failed),
            });
            for _ in 0..between {
                assembler.add(0);
            }
            assembler.here(held);
            assembler.give(1);
            assembler.here(failed);
            assembler.give(2);
            let program = assembler.program().expect("a program");
            assert_eq!(run(&program, &[0; 8]), 1, "{between}");
            assert_eq!(run(&program, &[0; 7]), 2, "{between}");
        }
    }

    #[test]
    fn a_jump_back_or_to_nowhere_and_a_program_too_long_are_refused() {
        let mut back = Assembler::default();
        let label = back.label();
        back.here(label);
        back.add(0);
        back.jump(label);
        back.give(0);
        assert_eq!(back.program(), Err(AssemblyError::NowhereToGo));
        let mut nowhere = Assembler::default();
        let label = nowhere.label();
        nowhere.when(If::Is(0), label);
        nowhere.give(0);
        assert_eq!(nowhere.program(), Err(AssemblyError::NowhereToGo));
        let mut long = Assembler::default();
        for _ in 0..MOST_INSTRUCTIONS {
            long.add(0);
        }
        long.give(0);
        assert_eq!(long.program(), Err(AssemblyError::TooLong(MOST_INSTRUCTIONS + 1)));
    }
}
