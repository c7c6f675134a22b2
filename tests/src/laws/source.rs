//! A Rust source parted into code, literals and tests, line by line.
//!
//! Laws about words in code must not trip over comments, and laws about SQL must see
//! literals only. This is a reader of tokens' outlines, not a parser: it knows comments,
//! strings, characters and braces.

/// A Rust source in which each line is known as code and as literal text.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path from the repository's root, with `/`.
    pub path: String,
    /// The text as it stands.
    pub text: String,
    /// The same lines with comments and the inside of literals blanked.
    code: Vec<String>,
    /// The same lines with everything but the inside of literals blanked.
    literals: Vec<String>,
    /// Whether each line belongs to tests.
    tests: Vec<bool>,
}

/// One line of a source, seen in its parts.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: usize,
    /// Without comments and the inside of literals.
    pub code: &'a str,
    /// The inside of literals alone.
    pub literals: &'a str,
    /// Whether it belongs to tests.
    pub is_test: bool,
}

impl Source {
    /// Reads a source.
    #[must_use]
    pub fn read(path: &str, text: &str) -> Self {
        let (code, literals) = part(text);
        let code: Vec<String> = code.split('\n').map(str::to_owned).collect();
        let literals = literals.split('\n').map(str::to_owned).collect();
        let tests = test_lines(path, &code);
        Self { path: path.into(), text: text.into(), code, literals, tests }
    }

    /// Its lines.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.code.iter().zip(&self.literals).zip(&self.tests).enumerate().map(
            |(at, ((code, literals), is_test))| Line {
                number: at + 1,
                code,
                literals,
                is_test: *is_test,
            },
        )
    }
}

impl Source {
    /// The modules in other files that this one declares for tests alone, as the paths
    /// they can have without `.rs`.
    fn declared_tests(&self) -> Vec<String> {
        let folder = match self.path.rsplit_once('/') {
            Some((folder, "lib.rs" | "main.rs" | "mod.rs")) => folder,
            _ => self.path.trim_end_matches(".rs"),
        };
        let modules = self.lines().filter(|line| line.is_test).filter_map(|line| {
            let module = line.code.trim().trim_start_matches("pub(crate) ");
            module.strip_prefix("mod ")?.strip_suffix(';')
        });
        modules.map(|module| format!("{folder}/{module}")).collect()
    }
}

/// Marks every file that another one declares for tests alone.
pub fn mark_declared_tests(sources: &mut [Source]) {
    let declared: Vec<_> = sources.iter().flat_map(Source::declared_tests).collect();
    for source in sources {
        let own = source.path.trim_end_matches(".rs");
        if declared.iter().any(|tests| own == tests || own.starts_with(&format!("{tests}/"))) {
            source.tests.fill(true);
        }
    }
}

/// What the reader is inside of.
#[derive(Clone, Copy)]
enum Inside {
    Code,
    LineComment,
    BlockComment { depth: usize },
    Text,
    RawText { hashes: usize },
    Character,
}

/// The text twice: once as code alone, once as the inside of literals alone.
fn part(text: &str) -> (String, String) {
    let chars: Vec<char> = text.chars().collect();
    let (mut code, mut literals) = (String::new(), String::new());
    let mut inside = Inside::Code;
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let rest = &chars[at..];
        let (next, taken, kind) = step(inside, rest, at.checked_sub(1).map(|before| chars[before]));
        for &taken_char in &rest[..taken] {
            let keep = |wanted: Kind| if kind == wanted { taken_char } else { ' ' };
            let newline = taken_char == '\n';
            code.push(if newline { '\n' } else { keep(Kind::Code) });
            literals.push(if newline { '\n' } else { keep(Kind::Literal) });
        }
        debug_assert!(taken > 0, "no step at {c:?}");
        inside = next;
        at += taken;
    }
    (code, literals)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Literal,
    Comment,
}

/// One step: what comes next, how many characters it takes, what they are.
fn step(inside: Inside, rest: &[char], before: Option<char>) -> (Inside, usize, Kind) {
    match (inside, rest) {
        (Inside::Code, ['/', '/', ..]) => (Inside::LineComment, 2, Kind::Comment),
        (Inside::Code, ['/', '*', ..]) => (Inside::BlockComment { depth: 1 }, 2, Kind::Comment),
        (Inside::Code, ['"', ..]) => (Inside::Text, 1, Kind::Code),
        (Inside::Code, ['r', ..]) if !before.is_some_and(is_word) || before == Some('b') => {
            match raw_opening(rest) {
                Some(hashes) => (Inside::RawText { hashes }, hashes + 2, Kind::Code),
                None => (Inside::Code, 1, Kind::Code),
            }
        }
        (Inside::Code, ['\'', '\\', ..] | ['\'', _, '\'', ..]) => {
            (Inside::Character, 1, Kind::Code)
        }
        (Inside::LineComment, ['\n', ..]) => (Inside::Code, 1, Kind::Code),
        (Inside::LineComment, _) => (inside, 1, Kind::Comment),
        (Inside::BlockComment { depth }, ['/', '*', ..]) => {
            (Inside::BlockComment { depth: depth + 1 }, 2, Kind::Comment)
        }
        (Inside::BlockComment { depth: 1 }, ['*', '/', ..]) => (Inside::Code, 2, Kind::Comment),
        (Inside::BlockComment { depth }, ['*', '/', ..]) => {
            (Inside::BlockComment { depth: depth - 1 }, 2, Kind::Comment)
        }
        (Inside::BlockComment { .. }, _) => (inside, 1, Kind::Comment),
        (Inside::Text | Inside::Character, ['\\', _, ..]) => (inside, 2, Kind::Literal),
        (Inside::Text, ['"', ..]) | (Inside::Character, ['\'', ..]) => {
            (Inside::Code, 1, Kind::Code)
        }
        (Inside::RawText { hashes }, ['"', after @ ..]) if closes(after, hashes) => {
            (Inside::Code, hashes + 1, Kind::Code)
        }
        (Inside::Text | Inside::RawText { .. } | Inside::Character, _) => {
            (inside, 1, Kind::Literal)
        }
        (Inside::Code, _) => (Inside::Code, 1, Kind::Code),
    }
}

/// How many `#` open a raw literal that begins here, if one does.
fn raw_opening(rest: &[char]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    (rest.get(hashes + 1) == Some(&'"')).then_some(hashes)
}

fn closes(after: &[char], hashes: usize) -> bool {
    after.len() >= hashes && after[..hashes].iter().all(|c| *c == '#')
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Which lines belong to tests: whole files by their place, else what `#[cfg(test)]` opens.
fn test_lines(path: &str, code: &[String]) -> Vec<bool> {
    let whole = ["tests/", "benches/"].iter().any(|room| path.starts_with(room))
        || ["/tests/", "/examples/", "/benches/"].iter().any(|folder| path.contains(folder))
        || path.ends_with("/tests.rs")
        || code.iter().any(|line| line.trim() == "#![cfg(test)]");
    let mut tests = vec![whole; code.len()];
    let mut at = 0;
    while at < code.len() {
        if code[at].trim_start().starts_with("#[cfg(test)]") {
            let end = item_end(code, at);
            tests[at..=end].fill(true);
            at = end;
        }
        at += 1;
    }
    tests
}

/// The last line of the item that an attribute on line `from` belongs to.
fn item_end(code: &[String], from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, line) in code.iter().enumerate().skip(from) {
        for c in line.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 1 => return at,
                '}' => depth = depth.saturating_sub(1),
                ';' if depth == 0 => return at,
                _ => {}
            }
        }
    }
    code.len() - 1
}

/// Whether `token` stands in `line` as a whole word: `pcap::` is not found in `my_pcap::`.
#[must_use]
pub fn has_token(line: &str, token: &str) -> bool {
    let opens_as_word = token.starts_with(is_word);
    let closes_as_word = token.ends_with(char::is_alphanumeric);
    line.match_indices(token).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + token.len()..].chars().next();
        !(opens_as_word && before.is_some_and(is_word)
            || closes_as_word && after.is_some_and(is_word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> (Vec<String>, Vec<String>) {
        let source = Source::read("daemon/src/made_up.rs", text);
        let trimmed = |of: fn(Line<'_>) -> &str| {
            source.lines().map(|line| of(line).trim().to_owned()).collect::<Vec<_>>()
        };
        (trimmed(|line| line.code), trimmed(|line| line.literals))
    }

    #[test]
    fn comments_are_neither_code_nor_literals() {
        let (code, literals) = lines("a(); // b() \"c\"\n/* d /* e */ f */ g();\n");
        assert_eq!(code, ["a();", "g();", ""]);
        assert_eq!(literals, ["", "", ""]);
    }

    #[test]
    fn literals_of_every_kind_are_told_from_code() {
        let text = "let a = \"x \\\" // y\"; b\nlet c = r#\"p \" q\"#; d\nlet e = '\"'; f(\"g\");";
        let (code, literals) = lines(text);
        assert!(code[0].ends_with("\"; b") && literals[0] == "x \\\" // y");
        assert!(code[1].ends_with("d") && literals[1] == "p \" q");
        assert!(code[2].contains("f(\" \")") && literals[2].ends_with('g'));
    }

    #[test]
    fn a_lifetime_opens_no_literal() {
        let (code, _) = lines("fn f<'a>(x: &'a str) -> Name<'a> { g('b') }");
        assert!(code[0].contains("str) -> Name<'a> { g(' ') }"));
    }

    #[test]
    fn tests_are_known_by_their_place_and_by_their_attribute() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { \"}\"; }\n}\nfn c() {}\n\
                    #[cfg(test)]\nmod far;\nfn d() {}";
        let is_test =
            |path| Source::read(path, text).lines().map(|line| line.is_test).collect::<Vec<_>>();
        let expected = [false, true, true, true, true, false, true, true, false];
        assert_eq!(is_test("daemon/src/a.rs"), expected);
        assert_eq!(is_test("daemon/wire/src/tests/a.rs"), [true; 9]);
    }

    #[test]
    fn a_file_that_is_declared_for_tests_alone_is_all_tests() {
        let lib = "mod open;\n#[cfg(test)]\nmod testing;\n#[cfg(test)]\npub(crate) mod made_up;\n";
        let read = |path| Source::read(path, "fn a() {}");
        let mut all = vec![
            Source::read("daemon/wire/src/lib.rs", lib),
            read("daemon/wire/src/open.rs"),
            read("daemon/wire/src/testing.rs"),
            read("daemon/wire/src/made_up/frames.rs"),
            read("rules/src/testing.rs"),
        ];
        mark_declared_tests(&mut all);
        let marked: Vec<_> = all.iter().map(|one| one.lines().all(|line| line.is_test)).collect();
        assert_eq!(marked, [false, false, true, true, false]);
    }

    #[test]
    fn a_token_is_a_whole_word() {
        assert!(has_token("use pcap::Capture;", "pcap::"));
        assert!(!has_token("use my_pcap::Capture;", "pcap::"));
        assert!(!has_token("#![forbid(unsafe_code)]", "unsafe"));
        assert!(has_token("unsafe { x }", "unsafe"));
        assert!(has_token("fn get_name()", "fn get_"));
    }
}
