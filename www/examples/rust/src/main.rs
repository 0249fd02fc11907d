use std::collections::BTreeMap;
use std::io::Read;

use clap::Parser;
use regex::Regex;

/// Counts words on standard input.
#[derive(Parser)]
struct Arguments {
    /// How many words to show.
    #[arg(short, long, default_value_t = 10)]
    top: usize,
}

fn main() {
    let arguments = Arguments::parse();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("text");
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for word in Regex::new(r"\w+").expect("a pattern").find_iter(&text) {
        *counts.entry(word.as_str().to_lowercase()).or_default() += 1;
    }
    let mut words: Vec<_> = counts.into_iter().collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (word, count) in words.into_iter().take(arguments.top) {
        println!("{count:6} {word}");
    }
}
