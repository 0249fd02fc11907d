//! bash's `{a,b}` and `{1..3}`, before all other expansions.

use super::super::ast::*;

/// Most words that one word may become.
const MAX_WORDS: usize = 10_000;

/// Whether there can be something to do.
pub(super) fn has_braces(word: &Word) -> bool {
    word.iter().any(|p| matches!(p, Part::Plain(t) if t.contains('{')))
}

/// An element of a word: a plain character, or a part that is not looked into.
#[derive(Clone)]
enum Item {
    Char(char),
    Part(Part),
}

/// The words that a word stands for, at least itself.
pub(super) fn expand(word: &Word) -> Vec<Word> {
    let mut items = Vec::new();
    for part in word {
        match part {
            Part::Plain(text) => items.extend(text.chars().map(Item::Char)),
            part => items.push(Item::Part(part.clone())),
        }
    }
    let mut left = MAX_WORDS;
    alternatives(&items, 0, &mut left).into_iter().map(to_word).collect()
}

fn to_word(items: Vec<Item>) -> Word {
    let mut word = Word::new();
    for item in items {
        match (item, word.last_mut()) {
            (Item::Char(c), Some(Part::Plain(text))) => text.push(c),
            (Item::Char(c), _) => word.push(Part::Plain(c.to_string())),
            (Item::Part(part), _) => word.push(part),
        }
    }
    word
}

fn alternatives(items: &[Item], depth: u32, left: &mut usize) -> Vec<Vec<Item>> {
    let is = |i: usize, c: char| matches!(items.get(i), Some(Item::Char(x)) if *x == c);
    for open in 0..items.len() {
        if !is(open, '{') || depth > 20 || *left == 0 {
            continue;
        }
        let (mut nested, mut commas, mut close) = (0, vec![open], None);
        for i in open..items.len() {
            match () {
                () if is(i, '{') => nested += 1,
                () if is(i, '}') => nested -= 1,
                () if is(i, ',') && nested == 1 => commas.push(i),
                () => {}
            }
            if nested == 0 {
                close = Some(i);
                break;
            }
        }
        let Some(close) = close else { continue };
        let middles: Vec<Vec<Item>> = if commas.len() > 1 {
            commas.push(close);
            commas.windows(2).flat_map(|w| alternatives(&items[w[0] + 1..w[1]], depth + 1, left)).collect()
        } else {
            match sequence(&items[open + 1..close]) {
                Some(texts) => texts.into_iter().map(|t| t.chars().map(Item::Char).collect()).collect(),
                None => continue,
            }
        };
        let tails = alternatives(&items[close + 1..], depth + 1, left);
        let mut all = Vec::new();
        for middle in &middles {
            for tail in &tails {
                if *left == 0 {
                    return all;
                }
                *left -= 1;
                all.push([&items[..open], middle, tail].concat());
            }
        }
        return all;
    }
    vec![items.to_vec()]
}

/// `1..3`, `a..e`, `01..10..2`.
fn sequence(items: &[Item]) -> Option<Vec<String>> {
    let text: Option<String> = items.iter().map(|i| if let Item::Char(c) = i { Some(*c) } else { None }).collect();
    let text = text?;
    let mut parts = text.split("..");
    let (from, to, step) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let letter = |t: &str| t.chars().next().filter(|c| t.len() == 1 && c.is_ascii_alphabetic()).map(|c| c as i64);
    let letters = letter(from).zip(letter(to));
    let (a, b) = match letters {
        Some(ends) => ends,
        None => (from.parse::<i64>().ok()?, to.parse::<i64>().ok()?),
    };
    let step = step.map_or(Some(1), |s| s.parse::<i64>().ok())?.unsigned_abs().max(1) as i64;
    let padded = |t: &str| t.trim_start_matches('-').starts_with('0') && t.trim_start_matches('-').len() > 1;
    let width = if padded(from) || padded(to) { from.len().max(to.len()) } else { 0 };
    let count = (b.checked_sub(a)?.unsigned_abs() / step as u64).min(MAX_WORDS as u64) as i64;
    let show = |n: i64| match letters {
        Some(_) => (n as u8 as char).to_string(),
        None => format!("{n:0width$}"),
    };
    Some((0..=count).map(|i| show(if a <= b { a + i * step } else { a - i * step })).collect())
}
