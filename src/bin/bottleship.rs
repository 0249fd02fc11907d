//! The engine on the command line. Files, standard input and output live only here.

fn main() {}
