//! gpg: armour is real; keys, signatures and servers are modelled: what is imported is remembered by its name, what is verified is taken as good.

use super::bytes;
use super::download::mark_modelled;
use super::options::Options;
use crate::filesystem::Errno;
use crate::machine::{Process, errno};

const LONG: &[(&str, char)] = &[
    ("armor", 'a'),
    ("output", 'o'),
    ("yes", 'y'),
    ("batch", 'b'),
    ("quiet", 'q'),
    ("homedir", 'H'),
    ("no-default-keyring", 'n'),
    ("keyring", 'K'),
    ("keyserver", 'S'),
    ("keyserver-options", 'S'),
    ("trust-model", 'S'),
    ("pinentry-mode", 'S'),
    ("passphrase", 'S'),
    ("status-fd", 'S'),
    ("keyid-format", 'S'),
    ("default-key", 'S'),
    ("recipient", 'S'),
    ("local-user", 'S'),
    ("import-options", 'S'),
    ("dearmor", 'D'),
    ("enarmor", 'E'),
    ("import", 'i'),
    ("recv-keys", 'R'),
    ("recv-key", 'R'),
    ("receive-keys", 'R'),
    ("verify", 'V'),
    ("export", 'x'),
    ("list-keys", 'k'),
    ("list-public-keys", 'k'),
    ("fingerprint", 'k'),
    ("delete-keys", 'd'),
    ("delete-key", 'd'),
    ("version", 'v'),
    ("decrypt", 'c'),
    ("no-tty", 'b'),
];

/// gpg.
pub fn gpg(p: &mut Process) -> i32 {
    let args: Vec<String> = p.args.iter().skip(1).cloned().collect();
    // `--with-colons` and the like change nothing that is modelled.
    let known =
        |a: &String| a.strip_prefix("--").is_none_or(|n| n.is_empty() || LONG.iter().any(|(l, _)| *l == n.split('=').next().unwrap_or(n)));
    let (args, odd): (Vec<String>, Vec<String>) = args.into_iter().partition(known);
    let options = match super::options::parse(&args, "abqno:yr:u:cdeskvH:K:S:DEiRVx", LONG) {
        Ok(options) => options,
        Err(text) => {
            p.err(format!("gpg: {text}\n"));
            return 2;
        }
    };
    let has = |letter: char| options.given.iter().any(|(l, _)| *l == letter);
    if has('v') && options.operands.is_empty() && args.iter().any(|a| a == "--version") {
        p.out("gpg (GnuPG) 2.2.40\nlibgcrypt 1.10.1\n");
        return 0;
    }
    if has('D') || has('E') {
        return armour(p, &options, has('D'));
    }
    mark_modelled(p);
    let ring = home(p, &options);
    match () {
        () if has('R') => receive(p, &options, &ring),
        () if has('i') => import(p, &options, &ring),
        () if has('V') => verify(p, &options),
        () if has('x') => export(p, &options, &ring),
        () if has('k') => list(p, &ring, &options),
        () if has('c') || odd.is_empty() && !options.operands.is_empty() => decrypt(p, &options),
        // Keys that are made, signed and trusted leave no more than the ring.
        () => 0,
    }
}

/// The folder of keys, made when it is not there; its ring.
fn home(p: &mut Process, options: &Options) -> String {
    let default = format!("{}/.gnupg", p.var("HOME").unwrap_or("/root"));
    let folder = options.value('H').or(p.var("GNUPGHOME")).unwrap_or(&default).to_owned();
    if !p.exists(&folder) && p.mkdir(&folder).is_ok() {
        if let Ok((real, _)) = p.stat(&folder) {
            // It was just made by the same user.
            let _ = p.system.chmod(&p.ids, &real, 0o700);
        }
        p.err(format!("gpg: directory '{folder}' created\n"));
    }
    let ring = match options.value('K') {
        Some(ring) if ring.contains('/') => ring.to_owned(),
        Some(ring) => format!("{folder}/{ring}"),
        None => format!("{folder}/pubring.kbx"),
    };
    if !p.exists(&ring) && p.write(&ring, Vec::new()).is_ok() {
        p.err(format!("gpg: keybox '{ring}' created\n"));
    }
    let trust = format!("{folder}/trustdb.gpg");
    if !p.exists(&trust) && p.write(&trust, Vec::new()).is_ok() {
        p.err(format!("gpg: {trust}: trustdb created\n"));
    }
    ring
}

fn remember(p: &mut Process, ring: &str, keys: &[String]) -> usize {
    let mut text = p.text(ring);
    let new: Vec<&String> = keys.iter().filter(|k| !text.lines().any(|l| l == k.as_str())).collect();
    let count = new.len();
    for key in new {
        text.push_str(key);
        text.push('\n');
    }
    if let Err(e) = p.write(ring, text.into_bytes()) {
        p.err(format!("gpg: {ring}: {}\n", errno::text(e)));
    }
    count
}

fn imported(p: &mut Process, ring: &str, keys: &[String]) {
    let new = remember(p, ring, keys);
    for key in keys {
        let short = &key[key.len().saturating_sub(16)..];
        p.err(format!("gpg: key {short}: public key \"{key}\" imported\n"));
    }
    p.err(format!("gpg: Total number processed: {}\n", keys.len()));
    if new > 0 {
        p.err(format!("gpg:               imported: {new}\n"));
    }
    if new < keys.len() {
        p.err(format!("gpg:              unchanged: {}\n", keys.len() - new));
    }
}

fn receive(p: &mut Process, options: &Options, ring: &str) -> i32 {
    let (mut keys, mut status) = (Vec::new(), 0);
    for word in &options.operands {
        let digits: String = word.trim_start_matches("0x").chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() < 8 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            p.err(format!("gpg: \"{word}\" not a key ID: skipping\n"));
            continue;
        }
        keys.push(digits.to_ascii_uppercase());
    }
    if keys.is_empty() {
        return 0;
    }
    if p.system.network == crate::machine::Network::None {
        p.err("gpg: keyserver receive failed: No route to host\n");
        return 2;
    }
    p.spend(std::time::Duration::from_millis(800));
    imported(p, ring, &keys);
    if keys.is_empty() {
        status = 2;
    }
    status
}

fn read(p: &mut Process, file: &str) -> Result<Vec<u8>, Errno> {
    if p.is_dir(file) { Err(Errno::IsADirectory) } else { p.input(file) }
}

/// What a key is known by when nobody has read it: a number that stays the same for the same bytes.
fn name_of(data: &[u8]) -> String {
    super::digest::hex(&super::digest::raw("sha1sum", data)).to_ascii_uppercase()
}

fn import(p: &mut Process, options: &Options, ring: &str) -> i32 {
    let files = if options.operands.is_empty() { vec!["-".to_owned()] } else { options.operands.clone() };
    let (mut keys, mut status) = (Vec::new(), 0);
    for file in files {
        match read(p, &file) {
            Ok(data) if data.is_empty() => {
                p.err("gpg: no valid OpenPGP data found.\n");
                status = 2;
            }
            Ok(data) => keys.push(name_of(&data)),
            Err(e) => {
                p.err(format!("gpg: can't open '{file}': {}\n", errno::text(e)));
                status = 2;
            }
        }
    }
    if keys.is_empty() {
        p.err("gpg: Total number processed: 0\n");
        return 2;
    }
    imported(p, ring, &keys);
    status
}

fn verify(p: &mut Process, options: &Options) -> i32 {
    for file in options.operands.clone() {
        if let Err(e) = read(p, &file) {
            let why = errno::text(e);
            let text = match options.operands.first() == Some(&file) {
                true => format!("gpg: can't open '{file}': {why}\ngpg: verify signatures failed: {why}\n"),
                false => format!("gpg: can't open signed data '{file}'\ngpg: can't hash datafile: {why}\n"),
            };
            p.err(text);
            return 2;
        }
    }
    p.err("gpg: Good signature, taken as good: signatures are modelled\n");
    0
}

fn export(p: &mut Process, options: &Options, ring: &str) -> i32 {
    let text = p.text(ring);
    let wanted = |line: &&str| {
        options.operands.is_empty() || options.operands.iter().any(|o| line.ends_with(&o.trim_start_matches("0x").to_ascii_uppercase()))
    };
    let keys: Vec<&str> = text.lines().filter(wanted).collect();
    if keys.is_empty() {
        p.err("gpg: WARNING: nothing exported\n");
        return 0;
    }
    // A key of a usual size.
    let mut data = keys.join("\n").into_bytes();
    let size = 2700 * keys.len();
    while data.len() < size {
        data.push(p.system.random() as u8);
    }
    if options.has('a') {
        data = shielded(&data, "PUBLIC KEY BLOCK", "");
    }
    give(p, options, None, data)
}

fn list(p: &mut Process, ring: &str, options: &Options) -> i32 {
    let text = p.text(ring);
    let unknown = options
        .operands
        .iter()
        .find(|o| !text.lines().any(|l| l.ends_with(&o.trim_start_matches("0x").to_ascii_uppercase().replace(' ', ""))))
        .cloned();
    if let Some(name) = unknown {
        p.err(format!("gpg: error reading key: No public key\n{}", if name.is_empty() { "\n" } else { "" }));
        return 2;
    }
    if text.is_empty() {
        return 0;
    }
    p.out(format!("{ring}\n{}\n", "-".repeat(ring.len())));
    for key in text.lines() {
        p.out(format!("pub   rsa4096 2020-01-01 [SC]\n      {key}\nuid           [ unknown] {key}\n\n"));
    }
    0
}

fn decrypt(p: &mut Process, options: &Options) -> i32 {
    let file = options.operands.first().cloned().unwrap_or_else(|| "-".into());
    match read(p, &file) {
        Ok(data) => give(p, options, None, data),
        Err(e) => {
            let why = errno::text(e);
            p.err(format!("gpg: can't open '{file}': {why}\ngpg: decrypt_message failed: {why}\n"));
            2
        }
    }
}

fn give(p: &mut Process, options: &Options, default: Option<String>, data: Vec<u8>) -> i32 {
    match options.value('o').map(str::to_owned).or(default).filter(|f| f != "-") {
        None => p.out(data),
        Some(file) => {
            if p.exists(&file) && !options.has('y') {
                p.err("gpg: cannot open '/dev/tty': No such device or address\n");
                return 2;
            }
            if let Err(e) = p.write(&file, data) {
                p.err(format!("gpg: can't create '{file}': {}\n", errno::text(e)));
                return 2;
            }
        }
    }
    0
}

/// The check sum of OpenPGP's armour.
fn crc24(data: &[u8]) -> u32 {
    data.iter().fold(0x00b7_04ce, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b) << 16, |crc, _| (crc << 1) ^ if crc & 0x80_0000 == 0 { 0 } else { 0x0186_4cfb }) & 0x00ff_ffff
    })
}

/// The check sum that is right, and the one that was told.
type Wrong = Option<(u32, u32)>;

/// The bytes in armour, and whether their check sum holds (the sums otherwise).
fn bare(text: &[u8]) -> Option<(Vec<u8>, Wrong)> {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().map(str::trim_end).skip_while(|l| !l.starts_with("-----BEGIN PGP"));
    lines.next()?;
    let body: Vec<&str> = lines.skip_while(|l| l.contains(": ")).take_while(|l| !l.starts_with("-----END")).collect();
    let digits: String = body.iter().filter(|l| !l.starts_with('=')).copied().collect();
    let data = bytes::decode(digits.as_bytes(), true).0;
    let told = body.iter().find_map(|l| l.strip_prefix('=')).map(|sum| {
        let sum = bytes::decode(sum.as_bytes(), true).0;
        sum.iter().fold(0u32, |n, b| n << 8 | u32::from(*b))
    });
    let real = crc24(&data);
    Some((data, told.filter(|t| *t != real).map(|t| (real, t))))
}

fn shielded(data: &[u8], what: &str, comment: &str) -> Vec<u8> {
    let mut text = format!("-----BEGIN PGP {what}-----\n{comment}\n");
    for line in bytes::encode(data).as_bytes().chunks(64) {
        text += &String::from_utf8_lossy(line);
        text.push('\n');
    }
    let sum = crc24(data).to_be_bytes();
    text += &format!("={}\n-----END PGP {what}-----\n", bytes::encode(&sum[1..]));
    text.into_bytes()
}

fn armour(p: &mut Process, options: &Options, off: bool) -> i32 {
    let file = options.operands.first().cloned();
    let data = match read(p, file.as_deref().unwrap_or("-")) {
        Ok(data) => data,
        Err(e) => {
            let (why, verb) = (errno::text(e), if off { "dearmoring" } else { "enarmoring" });
            p.err(format!("gpg: can't open '{}': {why}\ngpg: {verb} failed: {why}\n", file.unwrap_or_default()));
            return 2;
        }
    };
    let default = |end: &str| file.as_ref().map(|f| format!("{f}.{end}"));
    if !off {
        let data = shielded(&data, "ARMORED FILE", "Comment: Use \"gpg --dearmor\" for unpacking\n");
        return give(p, options, default("asc"), data);
    }
    // A modelled download has no armour to take off.
    let modelled = super::download::url_of(&data).is_some();
    let (data, wrong) = match bare(&data) {
        Some(found) => found,
        None if modelled => {
            mark_modelled(p);
            (data, None)
        }
        None => {
            p.err("gpg: no valid OpenPGP data found.\n");
            return 2;
        }
    };
    if let Some((real, told)) = wrong {
        p.err(format!("gpg: CRC error; {real:06X} - {told:06X}\n"));
        return give(p, options, default("gpg"), data).max(2);
    }
    give(p, options, default("gpg"), data)
}
