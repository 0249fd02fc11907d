//! HEALTHCHECK

use crate::base::go;

use super::super::text;
use super::duration;
use super::flags::{self, Flags};
use super::request::Request;

/// HEALTHCHECK; times in nanoseconds as in the OCI config.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Healthcheck {
    pub test: Vec<String>,
    pub interval: i64,
    pub timeout: i64,
    pub start_period: i64,
    pub start_interval: i64,
    pub retries: i64,
}

/// HEALTHCHECK
pub(super) fn healthcheck(request: &Request) -> Result<Healthcheck, String> {
    request.at_least_one("HEALTHCHECK")?;
    let kind = text::to_upper(&request.args[0]);
    let args = &request.args[1..];
    if kind == "NONE" {
        // Flags are ignored here, whatever they are.
        return if args.is_empty() {
            Ok(Healthcheck { test: vec![kind], ..Healthcheck::default() })
        } else {
            Err("HEALTHCHECK NONE takes no arguments".into())
        };
    }
    let flags = Flags::read(request.node, flags::known("healthcheck"))?;
    if kind != "CMD" {
        return Err(format!("Unknown type {} in HEALTHCHECK (try CMD)", go::quote(&kind)));
    }
    let mut test = request.command_words(args);
    if test.is_empty() {
        return Err("Missing command after HEALTHCHECK CMD".into());
    }
    test.insert(0, if request.node.json { "CMD" } else { "CMD-SHELL" }.into());
    Ok(Healthcheck {
        test,
        interval: interval(&flags, "interval")?,
        timeout: interval(&flags, "timeout")?,
        start_period: interval(&flags, "start-period")?,
        start_interval: interval(&flags, "start-interval")?,
        retries: retries(&flags.text("retries"))?,
    })
}

fn interval(flags: &Flags, name: &str) -> Result<i64, String> {
    let text = flags.text(name);
    let time = if text.is_empty() { 0 } else { duration::parse(&text)? };
    if time != 0 && time < 1_000_000 {
        return Err(format!("Interval {} cannot be less than 1ms", go::quote(name)));
    }
    Ok(time)
}

/// Go's `strconv.ParseInt` with 32 bits.
fn retries(text: &str) -> Result<i64, String> {
    if text.is_empty() {
        return Ok(0);
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<i32>() {
        Ok(number) if number < 0 => Err(format!("--retries cannot be negative ({number})")),
        Ok(number) => Ok(number.into()),
        Err(_) => {
            let why = if is_number { "value out of range" } else { "invalid syntax" };
            Err(format!("strconv.ParseInt: parsing {}: {why}", go::quote(text)))
        }
    }
}
