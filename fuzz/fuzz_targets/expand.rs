//! Any text as a word: the first line is the value of `v`, the rest the word.
#![no_main]

use bottleship::dockerfile::expand::Lex;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (value, word) = text.split_once('\n').unwrap_or(("", text));
    let env = [("v".to_owned(), value.to_owned())];
    for escape in ['\\', '`'] {
        let _ = Lex::new(escape).process(word, &env);
        let _ = Lex { skip_unset_env: true, raw_quotes: true, ..Lex::new(escape) }.process(word, &env);
        let _ = Lex { raw_escapes: true, skip_process_quotes: true, ..Lex::new(escape) }.process(word, &env);
    }
});
