//! Names and numbers of signals.

const NAMES: [(&str, i32); 12] = [
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ABRT", 6),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("CHLD", 17),
];

/// The name of a signal given by name or number; `TERM` for what is unknown, except the shell's own names.
pub fn name(text: &str) -> &'static str {
    match text {
        "EXIT" => "EXIT",
        "ERR" => "ERR",
        "DEBUG" => "DEBUG",
        text => NAMES.iter().find(|(n, v)| *n == text || text.parse() == Ok(*v)).map_or("TERM", |(n, _)| n),
    }
}

/// The number of a signal given by name or number.
pub fn number(text: &str) -> i32 {
    let text = text.trim_start_matches("SIG");
    text.parse().unwrap_or_else(|_| NAMES.iter().find(|(n, _)| *n == text).map_or(15, |(_, v)| *v))
}
