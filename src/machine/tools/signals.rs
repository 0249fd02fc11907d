//! Names, numbers and descriptions of signals.

const SIGNALS: [(&str, i32, &str); 31] = [
    ("HUP", 1, "Hangup"),
    ("INT", 2, "Interrupt"),
    ("QUIT", 3, "Quit"),
    ("ILL", 4, "Illegal instruction"),
    ("TRAP", 5, "Trace/breakpoint trap"),
    ("ABRT", 6, "Aborted"),
    ("BUS", 7, "Bus error"),
    ("FPE", 8, "Floating point exception"),
    ("KILL", 9, "Killed"),
    ("USR1", 10, "User defined signal 1"),
    ("SEGV", 11, "Segmentation fault"),
    ("USR2", 12, "User defined signal 2"),
    ("PIPE", 13, "Broken pipe"),
    ("ALRM", 14, "Alarm clock"),
    ("TERM", 15, "Terminated"),
    ("STKFLT", 16, "Stack fault"),
    ("CHLD", 17, "Child exited"),
    ("CONT", 18, "Continued"),
    ("STOP", 19, "Stopped (signal)"),
    ("TSTP", 20, "Stopped"),
    ("TTIN", 21, "Stopped (tty input)"),
    ("TTOU", 22, "Stopped (tty output)"),
    ("URG", 23, "Urgent I/O condition"),
    ("XCPU", 24, "CPU time limit exceeded"),
    ("XFSZ", 25, "File size limit exceeded"),
    ("VTALRM", 26, "Virtual timer expired"),
    ("PROF", 27, "Profiling timer expired"),
    ("WINCH", 28, "Window changed"),
    ("IO", 29, "I/O possible"),
    ("PWR", 30, "Power failure"),
    ("SYS", 31, "Bad system call"),
];

/// All names and numbers.
pub fn all() -> impl Iterator<Item = (&'static str, i32)> {
    SIGNALS.iter().map(|(name, number, _)| (*name, *number))
}

/// The signal with this name (without `SIG`, in any case) or number.
pub fn find(text: &str) -> Option<(&'static str, i32)> {
    all().find(|(name, number)| name.eq_ignore_ascii_case(text) || text.parse() == Ok(*number))
}

/// The number of a signal given by name or number; 15 for what is unknown.
pub fn number(text: &str) -> i32 {
    let text = text.trim_start_matches("SIG");
    text.parse().unwrap_or_else(|_| find(text).map_or(15, |(_, number)| number))
}

/// What a shell says of a child that a signal ended.
pub fn description(number: i32) -> &'static str {
    SIGNALS.iter().find(|s| s.1 == number).map_or("Killed", |s| s.2)
}
