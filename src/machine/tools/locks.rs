//! Programs of util-linux and its kin that ask little: flock, mountpoint, mkpasswd; capabilities and attributes of files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::options::{of, usage};
use super::{crypt, jobs};
use crate::filesystem::Metadata;
use crate::machine::{Process, errno};

/// flock: nobody else holds a lock.
pub fn flock(p: &mut Process) -> i32 {
    let long = [
        ("shared", 's'),
        ("exclusive", 'x'),
        ("unlock", 'u'),
        ("nonblock", 'n'),
        ("nb", 'n'),
        ("wait", 'w'),
        ("timeout", 'w'),
        ("close", 'o'),
        ("command", 'c'),
    ];
    let options = match of(p, "+sxeunw:oE:Fv", &long) {
        Ok(options) => options,
        Err(_) => return 64,
    };
    let Some(file) = options.operands.first().cloned() else {
        p.fail("not enough arguments");
        usage(p);
        return 64;
    };
    if options.operands.len() == 1 {
        let Ok(fd) = file.parse::<u32>() else {
            p.fail(&format!("bad file descriptor: '{file}'"));
            return 64;
        };
        if !p.fds.contains_key(&fd) {
            p.fail(&format!("{fd}: Bad file descriptor"));
            return 65;
        }
        return 0;
    }
    if !p.exists(&file)
        && let Err(e) = p.write(&file, Vec::new())
    {
        p.fail(&format!("cannot open lock file {file}: {}", errno::text(e)));
        return 66;
    }
    let mut command = options.operands[1..].to_vec();
    if let Some(text) = command.get(1).filter(|_| matches!(command[0].as_str(), "-c" | "--command")).cloned() {
        command = vec!["/bin/sh".into(), "-c".into(), text];
    }
    let status = jobs::start(p, &command);
    if status == 127 { 69 } else { status }
}

/// mountpoint.
pub fn mountpoint(p: &mut Process) -> i32 {
    let options = match of(p, "qdxn", &[("quiet", 'q'), ("fs-devno", 'd'), ("nofollow", 'n')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(path) = options.operands.first().cloned() else { return usage(p) };
    let quiet = options.has('q');
    let real = match p.stat(&path) {
        Ok((real, _)) => real,
        Err(e) => {
            if !quiet {
                p.fail(&format!("{path}: {}", errno::text(e)));
            }
            return 1;
        }
    };
    let kernel = ["/", "/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys/fs/cgroup", "/etc/hosts", "/etc/resolv.conf"];
    let mounted = p.system.is_mount_point(&real) || kernel.contains(&real.as_str());
    if !quiet {
        let line = if options.has('d') && mounted {
            format!("0:{}\n", 30 + p.system.device(&real))
        } else {
            format!("{path} is {}a mountpoint\n", if mounted { "" } else { "not " })
        };
        p.out(line);
    }
    match (mounted, p.busybox()) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 32,
    }
}

/// mkpasswd: MD5 and SHA hashes.
pub fn mkpasswd(p: &mut Process) -> i32 {
    let long = [("method", 'm'), ("salt", 'S'), ("rounds", 'R'), ("password-fd", 'P'), ("stdin", 's')];
    let options = match of(p, "m:S:R:P:s", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let asked = options.value('m').unwrap_or(if p.busybox() { "des" } else { "yescrypt" }).to_owned();
    let method = match asked.as_str() {
        "md5" | "md5crypt" => "1",
        "sha-256" | "sha256" | "sha256crypt" => "5",
        "sha-512" | "sha512" | "sha512crypt" => "6",
        "yescrypt" | "des" | "bcrypt" | "scrypt" | "gost-yescrypt" | "descrypt" => {
            p.err(format!("bottleship: mkpasswd -m {asked} is not simulated, SHA-512 stands for it\n"));
            super::download::mark_modelled(p);
            "6"
        }
        _ => {
            p.err(format!("Invalid method '{asked}'.\n"));
            return 1;
        }
    };
    let word = match options.operands.first() {
        Some(word) => word.clone(),
        None => String::from_utf8_lossy(&p.stdin()).lines().next().unwrap_or("").to_owned(),
    };
    let given = options.value('S').or(options.operands.get(1).map(String::as_str)).map(str::to_owned);
    let salt = given.unwrap_or_else(|| crypt::salt(if method == "1" { 8 } else { 16 }, || p.system.random()));
    let salt = match options.value('R') {
        Some(rounds) if method != "1" => format!("rounds={rounds}${salt}"),
        _ => salt,
    };
    p.burn(5000);
    let hash = crypt::hash(method, word.as_bytes(), &salt).unwrap_or_default();
    p.out(hash + "\n");
    0
}

/// The capabilities of Linux, by their numbers.
const CAPABILITIES: &str = "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast \
net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time \
sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore";

const ATTRIBUTE: &str = "security.capability";

/// Permitted and inheritable sets, and whether they are effective; as `cap_x,cap_y=ep` says.
fn parse_capabilities(text: &str) -> Option<(u64, u64, bool)> {
    let (mut permitted, mut inheritable, mut effective) = (0, 0, false);
    for clause in text.split_whitespace() {
        let at = clause.find(['=', '+', '-'])?;
        let (names, flags) = clause.split_at(at);
        let mut bits = 0;
        for name in names.split(',').filter(|n| !n.is_empty() && *n != "all") {
            let short = name.strip_prefix("cap_").unwrap_or(name);
            bits |= 1 << CAPABILITIES.split(' ').position(|c| c == short)?;
        }
        if names.is_empty() || names == "all" {
            bits = (1 << 41) - 1;
        }
        let on = !flags.starts_with('-');
        let set = |old: u64| if on { old | bits } else { old & !bits };
        for flag in flags.chars().skip_while(|c| matches!(c, '=' | '+' | '-')) {
            match flag {
                'p' => permitted = set(permitted),
                'i' => inheritable = set(inheritable),
                'e' => effective = on,
                '+' | '-' | '=' => {}
                _ => return None,
            }
        }
    }
    Some((permitted, inheritable, effective))
}

/// As the kernel keeps them: revision 2.
fn packed((permitted, inheritable, effective): (u64, u64, bool)) -> Vec<u8> {
    let half = |bits: u64, i: u32| ((bits >> (32 * i)) as u32).to_le_bytes();
    let mut out = (0x0200_0000u32 | u32::from(effective)).to_le_bytes().to_vec();
    for i in 0..2 {
        out.extend(half(permitted, i));
        out.extend(half(inheritable, i));
    }
    out
}

fn shown(data: &[u8]) -> Option<String> {
    let word = |i: usize| data.get(4 * i..4 * i + 4).map(|b| u64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])));
    let (effective, permitted, inheritable) = (word(0)? & 1 == 1, word(1)? | word(3)? << 32, word(2)? | word(4)? << 32);
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (i, name) in CAPABILITIES.split(' ').enumerate() {
        let (p, h) = (permitted >> i & 1 == 1, inheritable >> i & 1 == 1);
        if !p && !h {
            continue;
        }
        let flags = format!("{}{}{}", if effective { "e" } else { "" }, if h { "i" } else { "" }, if p { "p" } else { "" });
        let name = format!("cap_{name}");
        match groups.iter_mut().find(|(f, _)| *f == flags) {
            Some((_, names)) => names.push(name),
            None => groups.push((flags, vec![name])),
        }
    }
    let text: Vec<String> = groups.into_iter().map(|(flags, names)| format!("{}={flags}", names.join(","))).collect();
    Some(text.join(" "))
}

/// setcap: the capabilities of a file are an extended attribute, and in the layer.
pub fn setcap(p: &mut Process) -> i32 {
    let words = p.args[1..].to_vec();
    let mut rest = words.into_iter().filter(|a| a != "-q" && a != "-n");
    let mut status = 0;
    while let Some(word) = rest.next() {
        let value = match word.as_str() {
            "-r" => None,
            "-v" => continue,
            text => match parse_capabilities(text) {
                Some(found) => Some(packed(found)),
                None => {
                    p.err("fatal error: Invalid argument\nusage: setcap [-q] [-v] [-n <rootid>] (-r|-|<caps>) <filename> [ ... (-r|-|<capsN>) <filenameN> ]\n");
                    return 1;
                }
            },
        };
        let Some(file) = rest.next() else { return usage(p) };
        let done = p.stat(&file).and_then(|(real, node)| {
            if node.as_file().is_none() {
                return Err(crate::filesystem::Errno::InvalidArgument);
            }
            if !p.ids.is_root() {
                return Err(crate::filesystem::Errno::NotPermitted);
            }
            let old = node.metadata().clone();
            let mut attributes: BTreeMap<String, Vec<u8>> = old.xattrs.as_deref().cloned().unwrap_or_default();
            match &value {
                Some(value) => attributes.insert(ATTRIBUTE.into(), value.clone()),
                None => attributes.remove(ATTRIBUTE),
            };
            let xattrs = (!attributes.is_empty()).then(|| Arc::new(attributes));
            p.system.replace(&real, node.with_metadata(Metadata { xattrs, ..old }))
        });
        if let Err(e) = done {
            let verb = if value.is_some() { "set" } else { "remove" };
            p.err(format!("Failed to {verb} capabilities on file '{file}': {}\n", errno::text(e)));
            status = 1;
        }
    }
    status
}

/// getcap.
pub fn getcap(p: &mut Process) -> i32 {
    let options = match of(p, "rvnh", &[]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut status = 0;
    let mut todo: Vec<String> = options.operands.iter().rev().cloned().collect();
    while let Some(path) = todo.pop() {
        if !p.burn(5) {
            break;
        }
        match p.lstat(&path) {
            Ok((_, node)) => {
                if options.has('r') && node.as_directory().is_some() {
                    let names = p.list(&path).unwrap_or_default();
                    todo.extend(names.iter().rev().map(|n| super::names::inside(&path, n)));
                }
                let data = node.metadata().xattrs.as_ref().and_then(|x| x.get(ATTRIBUTE).cloned());
                match data.and_then(|d| shown(&d)) {
                    Some(text) => p.out(format!("{path} {text}\n")),
                    None if options.has('v') => p.out(format!("{path}\n")),
                    None => {}
                }
            }
            Err(e) => {
                p.err(format!("{path} ({})\n", errno::text(e)));
                status = 1;
            }
        }
    }
    status
}

/// chattr and lsattr: a container may not make files immutable, and sees no flags.
pub fn attributes(p: &mut Process) -> i32 {
    let name = p.name().to_owned();
    let words = p.args[1..].to_vec();
    let (flags, files): (Vec<String>, Vec<String>) = words.into_iter().partition(|w| w.starts_with(['+', '-', '=']));
    let mut status = 0;
    for file in files {
        if let Err(e) = p.lstat(&file) {
            let why = errno::text(e);
            p.fail(&format!("{why} while trying to stat {file}"));
            status = 1;
        } else if name == "lsattr" {
            p.out(format!("--------------e------- {file}\n"));
        } else if flags.iter().any(|f| !f.starts_with("-R") && f.contains(['i', 'a'])) {
            p.fail(&format!("Operation not permitted while setting flags on {file}"));
            status = 1;
        }
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_kept_as_the_kernel_does() {
        let data = packed(parse_capabilities("cap_net_bind_service,cap_net_raw=+ep").expect("known"));
        assert_eq!(data, [1, 0, 0, 2, 0, 0x24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(shown(&data).as_deref(), Some("cap_net_bind_service,cap_net_raw=ep"));
        assert_eq!(parse_capabilities("cap_nope+ep"), None);
    }
}
