//! bash's shopt: options that are kept as bits of one number.

use super::super::state::{Options, Ran, Shell};
use super::options;
use crate::machine::Process;

/// All names in order; those with a star are on from the beginning.
const NAMES: &str = "autocd assoc_expand_once cdable_vars cdspell checkhash checkjobs *checkwinsize *cmdhist compat31 compat32 compat40 \
    compat41 compat42 compat43 compat44 *complete_fullquote direxpand dirspell dotglob execfail expand_aliases extdebug extglob *extquote \
    failglob *force_fignore *globasciiranges *globskipdots globstar gnu_errfmt histappend histreedit histverify *hostcomplete huponexit \
    inherit_errexit *interactive_comments lastpipe lithist localvar_inherit localvar_unset login_shell mailwarn no_empty_cmd_completion \
    nocaseglob nocasematch noexpand_translation nullglob *patsub_replacement *progcomp progcomp_alias *promptvars restricted_shell \
    shift_verbose *sourcepath varredir_close xpg_echo";

fn names() -> impl Iterator<Item = &'static str> {
    NAMES.split(' ').map(|n| n.trim_start_matches('*'))
}

fn bit(name: &str) -> Option<u64> {
    names().position(|n| n == name).map(|at| 1 << at)
}

/// What is on in a new shell.
pub fn initial() -> u64 {
    NAMES.split(' ').enumerate().filter(|(_, n)| n.starts_with('*')).map(|(at, _)| 1 << at).sum()
}

impl Options {
    /// Whether an option of `shopt` is on.
    pub fn has(&self, name: &str) -> bool {
        bit(name).is_some_and(|bit| self.shopts & bit != 0)
    }
}

/// Sets an option; `false` if there is no such option.
pub fn switch(s: &mut Shell, name: &str, on: bool) -> bool {
    let Some(bit) = bit(name) else { return false };
    s.options.shopts = if on { s.options.shopts | bit } else { s.options.shopts & !bit };
    true
}

/// The value of BASHOPTS.
pub fn listed(s: &Shell) -> String {
    names().filter(|n| s.options.has(n)).collect::<Vec<_>>().join(":")
}

/// shopt.
pub fn shopt(s: &mut Shell, p: &mut Process, args: &[String]) -> Ran {
    let given = super::options(s, p, args, ["pqsuo"; 3], "[-pqsu] [-o] [optname ...]")?;
    let (has, at) = (|letter| given.has(letter), given.at);
    let mode = if has('s') { Some(true) } else { has('u').then_some(false) };
    let of_set = has('o');
    let show = |s: &Shell, name: &str| {
        let on = if of_set { options::is_on(s, name) } else { s.options.has(name) };
        match (has('q'), has('p')) {
            (true, _) => String::new(),
            (_, true) if of_set => format!("set {}o {name}\n", if on { '-' } else { '+' }),
            (_, true) => format!("shopt -{} {name}\n", if on { 's' } else { 'u' }),
            _ => format!("{name:<15}\t{}\n", if on { "on" } else { "off" }),
        }
    };
    let given = args.get(at..).unwrap_or(&[]);
    if given.is_empty() {
        let all: Vec<&str> = if of_set { options::names(s.dialect).collect() } else { names().collect() };
        let on = |name: &str| if of_set { options::is_on(s, name) } else { s.options.has(name) };
        let text: String = all.into_iter().filter(|n| mode.is_none_or(|m| m == on(n))).map(|n| show(s, n)).collect();
        p.out(text);
        return Ok(0);
    }
    let mut status = 0;
    for name in given {
        let known = if of_set { options::names(s.dialect).any(|n| n == name) } else { bit(name).is_some() };
        match mode {
            _ if !known => {
                s.complain(p, &format!("{name}: invalid {}option name", if of_set { "" } else { "shell " }));
                status = 1;
            }
            Some(on) if of_set => {
                options::named(s, name, on);
            }
            Some(on) => {
                switch(s, name, on);
            }
            None => {
                let on = if of_set { options::is_on(s, name) } else { s.options.has(name) };
                status |= !on as i32;
                p.out(show(s, name));
            }
        }
    }
    Ok(status)
}
