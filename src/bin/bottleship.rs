//! The engine on the command line. Files, standard input and output live only here.
#![allow(clippy::disallowed_methods)]

use std::io::{Read, Write};
use std::process::ExitCode;

use bottleship::base::Source;
use bottleship::dockerfile;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["ast"] => ast("Dockerfile"),
        ["ast", "-f", file] | ["ast", file] => ast(file),
        _ => {
            eprintln!("usage: bottleship ast [-f FILE | -]");
            ExitCode::FAILURE
        }
    }
}

/// `bottleship ast`: BuildKit's dump of the AST.
fn ast(file: &str) -> ExitCode {
    let bytes = match read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("ERROR: {file}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let ast = dockerfile::parse(&Source::new(file, bytes));
    if let Some(error) = ast.error {
        eprintln!("ERROR: {}", error.message);
        return ExitCode::FAILURE;
    }
    let written = writeln!(std::io::stdout(), "{}", ast.dump());
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(file: &str) -> std::io::Result<Vec<u8>> {
    if file != "-" {
        return std::fs::read(file);
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}
