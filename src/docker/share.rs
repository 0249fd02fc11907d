//! What share of a build's commands was real: the line that a build ends with.

use crate::machine::Tally;

/// How many names are listed.
const NAMED: usize = 8;

/// `bottleship: 14 commands: 9 ran, 4 modelled, 1 not simulated (foo)`; empty if all commands ran for real.
pub fn share(tally: &Tally) -> String {
    let Tally { ran, modelled, not_simulated } = tally;
    let unknown = not_simulated.len() as u32;
    if modelled + unknown == 0 {
        return String::new();
    }
    let mut names: Vec<&str> = Vec::new();
    for name in not_simulated {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let names = match names.len() {
        0 => String::new(),
        count if count > NAMED => format!(" ({}, …)", names[..NAMED].join(", ")),
        _ => format!(" ({})", names.join(", ")),
    };
    let all = ran + modelled + unknown;
    let plural = if all == 1 { "" } else { "s" };
    format!("bottleship: {all} command{plural}: {ran} ran, {modelled} modelled, {unknown} not simulated{names}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_not_real() {
        let told = |ran, modelled, names: &[&str]| {
            share(&Tally { ran, modelled, not_simulated: names.iter().map(|name| (*name).to_owned()).collect() })
        };
        assert_eq!(told(3, 0, &[]), "");
        assert_eq!(told(0, 1, &[]), "bottleship: 1 command: 0 ran, 1 modelled, 0 not simulated\n");
        assert_eq!(told(9, 4, &["foo"]), "bottleship: 14 commands: 9 ran, 4 modelled, 1 not simulated (foo)\n");
        assert_eq!(told(0, 0, &["foo", "bar", "foo"]), "bottleship: 3 commands: 0 ran, 0 modelled, 3 not simulated (foo, bar)\n");
    }
}
