//! What share of a build's commands was real: the line that a build ends with.

use crate::build::{EventKind, Outcome};
use crate::machine::Tally;

/// How many names are listed.
const NAMED: usize = 8;

/// `bottleship: 14 commands: 9 ran, 4 modelled, 1 not simulated (foo)`; empty if all commands ran for real.
pub fn share(outcome: &Outcome) -> String {
    told(outcome.tally(), &not_simulated(outcome))
}

fn told(tally: Tally, names: &[String]) -> String {
    let Tally { ran, modelled, not_simulated } = tally;
    if modelled + not_simulated == 0 {
        return String::new();
    }
    let all = ran + modelled + not_simulated;
    let names = match names.len() {
        0 => String::new(),
        count if count > NAMED => format!(" ({}, …)", names[..NAMED].join(", ")),
        _ => format!(" ({})", names.join(", ")),
    };
    let plural = if all == 1 { "" } else { "s" };
    format!("bottleship: {all} command{plural}: {ran} ran, {modelled} modelled, {not_simulated} not simulated{names}\n")
}

/// The names of programs that said in the log that they are not simulated, each once.
fn not_simulated(outcome: &Outcome) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for event in &outcome.events {
        let EventKind::Log { data, .. } = &event.kind else { continue };
        for line in String::from_utf8_lossy(data).lines() {
            let name = line.strip_prefix("bottleship: ").and_then(|line| line.strip_suffix(" is not simulated"));
            if let Some(name) = name.filter(|name| !names.iter().any(|known| known == name)) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_not_real() {
        let tally = |ran, modelled, not_simulated| Tally { ran, modelled, not_simulated };
        assert_eq!(told(tally(3, 0, 0), &[]), "");
        assert_eq!(told(tally(0, 1, 0), &[]), "bottleship: 1 command: 0 ran, 1 modelled, 0 not simulated\n");
        let line = told(tally(9, 4, 1), &["foo".to_owned()]);
        assert_eq!(line, "bottleship: 14 commands: 9 ran, 4 modelled, 1 not simulated (foo)\n");
    }
}
