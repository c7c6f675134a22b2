//! Text from outside, made fit to be looked at. Templates escape it after this.

/// The most characters of one such text that are shown.
const LONGEST: usize = 300;

/// Replaces what would act on the reader's screen and not be read: control characters,
/// marks that turn the direction of text, characters without width. Each becomes its number,
/// so that two different texts stay different.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST {
            out.push('…');
            break;
        }
        put(c, &mut out);
    }
    out
}

/// As [`shown`], to the end of the line: for a terminal.
pub(crate) fn shown_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    line.chars().for_each(|c| put(c, &mut out));
    out
}

fn put(c: char, out: &mut String) {
    if c.is_control() || is_unseen(c) {
        out.push_str(&format!("[U+{:04X}]", u32::from(c)));
    } else {
        out.push(c);
    }
}

/// As [`shown`], word by word: for sentences, which may be long and may break lines.
pub(crate) fn shown_whole(text: &str) -> String {
    text.split_whitespace().map(shown).collect::<Vec<_>>().join(" ")
}

/// Format characters of Unicode (category Cf) and their like: direction marks, joiners,
/// separators, tags, variation selectors.
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_on_the_screen_becomes_its_number() {
        assert_eq!(shown("a.pupil"), "a.pupil");
        assert_eq!(shown("Zoë Öl 李"), "Zoë Öl 李");
        assert_eq!(shown("a\u{202e}b\u{0}c\nd\u{200b}"), "a[U+202E]b[U+0000]c[U+000A]d[U+200B]");
        assert_eq!(shown(&"x".repeat(400)).chars().count(), LONGEST + 1);
        assert_eq!(shown_line(&"x".repeat(400)).chars().count(), 400);
        assert_eq!(shown_line("\u{1b}]0;a\u{7}"), "[U+001B]]0;a[U+0007]");
    }
}
