//! EXPOSE: BuildKit's `convert_expose.go`.

use std::net::IpAddr;

use super::{Command, Evaluation, Fallible, StateId, commit, lost, see};
use crate::base::Case;
use crate::base::go;
use crate::lint::Fact;

/// EXPOSE: a word may hold several ports after its expansion.
pub(super) fn expose(eval: &mut Evaluation<'_>, id: StateId, command: &Command<'_>, words: &[String]) -> Fallible<()> {
    let env = eval.states.get(id).ok_or_else(lost)?.llb.env.clone();
    let mut ports = Vec::new();
    let mut all = Vec::new();
    for word in words {
        all.extend(eval.lex.process_words(word, env.pairs()).map_err(|e| e.message)?);
    }
    for written in &all {
        let port = Port::parse(written)?;
        let fact = Fact::Port { written, host: !port.ip.is_empty() || !port.host.is_empty(), protocol: port.protocol };
        see(eval, id, command, &fact);
        ports.extend(port.ports()?);
    }
    let config = &mut eval.states.get_mut(id).ok_or_else(lost)?.image.config;
    config.exposed_ports.extend(ports.iter().map(|port| (port.clone(), Default::default())));
    commit(eval, id, format!("EXPOSE [{}]", ports.join(" ")), false)
}

/// `[ip:][host:]container[/protocol]`, taken apart.
struct Port<'a> {
    ip: String,
    host: &'a str,
    container: &'a str,
    protocol: &'a str,
}

impl<'a> Port<'a> {
    fn parse(written: &'a str) -> Result<Self, String> {
        let parts: Vec<&str> = written.split(':').collect();
        let (ip, host, container) = match parts.as_slice() {
            [host, container] => (String::new(), *host, *container),
            [ip @ .., host, container] => (ip.join(":"), *host, *container),
            _ => (String::new(), "", written),
        };
        let (container, protocol) = container.split_once('/').unwrap_or((container, ""));
        let invalid = |reason: &str| format!("invalid port: {}: {reason}", go::quote(written));
        if container.is_empty() {
            return Err(invalid("no port specified"));
        }
        if !matches!(protocol.lower().as_str(), "" | "tcp" | "udp" | "sctp") {
            return Err(invalid(&format!("invalid proto: {protocol}")));
        }
        Ok(Self { ip, host, container, protocol })
    }

    /// `port/protocol`, one for each port of the range.
    fn ports(&self) -> Result<Vec<String>, String> {
        let Self { ip, host, container, protocol } = self;
        let address = if ip.starts_with('[') {
            within_brackets(ip).map_err(|why| format!("invalid IP address {ip}: address {ip}:: {why}"))?
        } else {
            ip
        };
        if !address.is_empty() && address.parse::<IpAddr>().is_err() {
            return Err(format!("invalid IP address: {address}"));
        }
        let (start, end) = range(container).ok_or_else(|| format!("invalid containerPort: {container}"))?;
        if !host.is_empty() {
            let (host_start, host_end) = range(host).ok_or_else(|| format!("invalid hostPort: {host}"))?;
            if end - start != host_end - host_start && end != start {
                return Err(format!("invalid ranges specified for container and host Ports: {container} and {host}"));
            }
        }
        let protocol = if protocol.is_empty() { "tcp".to_owned() } else { protocol.lower() };
        Ok((start..=end).map(|port| format!("{port}/{protocol}")).collect())
    }
}

/// The host of `[host]`, as Go's `net.SplitHostPort` reads it before a colon.
fn within_brackets(ip: &str) -> Result<&str, &'static str> {
    let (host, rest) = ip[1..].split_once(']').ok_or("missing ']' in address")?;
    match rest.chars().next() {
        Some(':') => Err("too many colons in address"),
        Some(_) => Err("missing port in address"),
        None if host.contains('[') => Err("unexpected '[' in address"),
        None => Ok(host),
    }
}

fn range(text: &str) -> Option<(u64, u64)> {
    let (start, end) = match text.split_once('-') {
        Some((start, end)) if start != end => (start, end),
        Some((start, _)) => (start, start),
        None => (text, text),
    };
    // A sign is a number's: Go reads these with ParseInt.
    let number = |text: &str| go::parse_uint(text.strip_prefix('+').unwrap_or(text), 16);
    let (start, end) = (number(start)?, number(end)?);
    (start <= end).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, expect: &str) {
        assert_eq!(Port::parse(written).and_then(|port| port.ports()).map_or_else(|e| e, |ports| ports.join(" ")), expect, "{written}");
    }

    #[test]
    fn forms() {
        check("80", "80/tcp");
        check("53/UDP", "53/udp");
        check("8000-8002/tcp", "8000/tcp 8001/tcp 8002/tcp");
        check("127.0.0.1:80:80", "80/tcp");
        check("[::1]:80:80", "80/tcp");
        check("http", "invalid containerPort: http");
        check("80/x", "invalid port: \"80/x\": invalid proto: x");
        check("90-80", "invalid containerPort: 90-80");
        check("/tcp", "invalid port: \"/tcp\": no port specified");
        check("80/HTTP", "invalid port: \"80/HTTP\": invalid proto: HTTP");
        check("+80-+81", "80/tcp 81/tcp");
        check("80-", "invalid containerPort: 80-");
        check("80-80", "80/tcp");
        check("[::1:80:80", "invalid IP address [::1: address [::1:: missing ']' in address");
        check("[::1]x:80:80", "invalid IP address [::1]x: address [::1]x:: missing port in address");
        check("x:80:80", "invalid IP address: x");
    }
}
