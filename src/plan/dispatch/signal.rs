//! STOPSIGNAL's argument: `moby/sys/signal`.

use super::Fallible;
use crate::base::Case;

const NAMES: &str = " ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN \
                     TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX ";

/// A number other than 0, or a name with or without `SIG`.
pub(super) fn check(text: &str) -> Fallible<()> {
    let known = match text.parse::<i64>() {
        Ok(number) => number != 0,
        Err(_) => {
            let upper = text.upper();
            let name = upper.strip_prefix("SIG").unwrap_or(&upper);
            let real_time = |prefix: &str, last: u32| {
                let number = name.strip_prefix(prefix).filter(|digits| !digits.starts_with(['0', '+']));
                number.and_then(|digits| digits.parse::<u32>().ok()).is_some_and(|n| n <= last)
            };
            !name.contains(' ') && !name.is_empty() && NAMES.contains(&format!(" {name} "))
                || real_time("RTMIN+", 15)
                || real_time("RTMAX-", 14)
        }
    };
    if known { Ok(()) } else { Err(format!("invalid signal: {text}").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        for good in ["9", "SIGTERM", "term", "SIGRTMIN+3", "rtmax-14"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["0", "", "SIG", "SIGNOPE", "SIGRTMIN+16", "TERM KILL"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
