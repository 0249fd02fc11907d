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
        let (host, container) = written.rsplit_once(':').map_or((false, written.as_str()), |(_, container)| (true, container));
        let protocol = container.split_once('/').map_or("", |(_, protocol)| protocol);
        see(eval, id, command, &Fact::Port { written, host: host && written.trim_matches(':').contains(':'), protocol });
        ports.extend(parse(written)?);
    }
    let config = &mut eval.states.get_mut(id).ok_or_else(lost)?.image.config;
    config.exposed_ports.extend(ports.iter().map(|port| (port.clone(), Default::default())));
    commit(eval, id, format!("EXPOSE [{}]", ports.join(" ")), false)
}

/// `[ip:]host:container[/protocol]` -> `port/protocol`, one for each port of a range.
fn parse(written: &str) -> Result<Vec<String>, String> {
    let parts: Vec<&str> = written.split(':').collect();
    let (ip, host, container) = match parts.as_slice() {
        [container] => (String::new(), "", *container),
        [host, container] => (String::new(), *host, *container),
        [ip @ .., host, container] => (ip.join(":"), *host, *container),
        [] => (String::new(), "", ""),
    };
    let (port, protocol) = container.split_once('/').unwrap_or((container, ""));
    let invalid = |reason: String| format!("invalid port: {}: {reason}", go::quote(written));
    if port.is_empty() {
        return Err(invalid(format!("no port specified: {container}<empty>")));
    }
    let protocol = match protocol.lower().as_str() {
        "" => "tcp".to_owned(),
        known @ ("tcp" | "udp" | "sctp") => known.to_owned(),
        other => return Err(invalid(format!("invalid proto: {other}"))),
    };
    let address = match ip.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').ok_or_else(|| format!("invalid IP address {ip}: address {ip}:: missing ']' in address"))?,
        None => &ip,
    };
    if !address.is_empty() && address.parse::<IpAddr>().is_err() {
        return Err(format!("invalid IP address: {address}"));
    }
    let (start, end) = range(port).ok_or_else(|| format!("invalid containerPort: {port}"))?;
    if !host.is_empty() {
        let (host_start, host_end) = range(host).ok_or_else(|| format!("invalid hostPort: {host}"))?;
        if end - start != host_end - host_start && end != start {
            return Err(format!("invalid ranges specified for container and host Ports: {port} and {host}"));
        }
    }
    Ok((start..=end).map(|port| format!("{port}/{protocol}")).collect())
}

fn range(text: &str) -> Option<(u64, u64)> {
    let (start, end) = text.split_once('-').unwrap_or((text, text));
    let (start, end) = (go::parse_uint(start, 16)?, go::parse_uint(end, 16)?);
    (start <= end).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, expect: &str) {
        assert_eq!(parse(written).map_or_else(|e| e, |ports| ports.join(" ")), expect, "{written}");
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
        check("/tcp", "invalid port: \"/tcp\": no port specified: /tcp<empty>");
        check("x:80:80", "invalid IP address: x");
    }
}
