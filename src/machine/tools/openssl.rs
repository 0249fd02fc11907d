//! openssl: digests, random bytes, base 64 and passwords for real; keys and certificates are modelled files that remember whose they are.

use super::download::mark_modelled;
use super::{bytes, crypt, digest};
use crate::filesystem::Errno;
use crate::machine::{Process, errno};

/// Digests by the name of their command, and how their lines name them.
const DIGESTS: &[(&str, &str, &str)] = &[
    ("md5", "md5sum", "MD5"),
    ("sha1", "sha1sum", "SHA1"),
    ("sha224", "sha224sum", "SHA2-224"),
    ("sha256", "sha256sum", "SHA2-256"),
    ("sha384", "sha384sum", "SHA2-384"),
    ("sha512", "sha512sum", "SHA2-512"),
    ("sha3-256", "sha3-256", "SHA3-256"),
    ("sha3-384", "sha3-384", "SHA3-384"),
    ("sha3-512", "sha3-512", "SHA3-512"),
    ("blake2b512", "b2sum", "BLAKE2B-512"),
];

/// Options that take a value.
const VALUED: &str = " -in -out -keyout -days -subj -newkey -config -CA -CAkey -CAserial -key -signkey -hmac -salt -name -algorithm -pkeyopt -extensions -extfile \
-set_serial -passin -passout -pass -k -K -iv -inform -outform -nameopt -addext -reqexts -CAfile -CApath -inkey -certfile -hash -rand -sigopt -rawin \
-macopt -mac -sign -verify -signature -iter -md ";

struct Call {
    flags: Vec<String>,
    values: Vec<(String, String)>,
    words: Vec<String>,
}

impl Call {
    fn of(args: &[String]) -> Self {
        let mut call = Self { flags: Vec::new(), values: Vec::new(), words: Vec::new() };
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let name = if arg.starts_with("--") { &arg[1..] } else { arg };
            if VALUED.contains(&format!(" {name} ")) {
                call.values.push((name.to_owned(), rest.next().cloned().unwrap_or_default()));
            } else if name.starts_with('-') && name.len() > 1 {
                call.flags.push(name.to_owned());
            } else {
                call.words.push(arg.clone());
            }
        }
        call
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// openssl.
pub fn openssl(p: &mut Process) -> i32 {
    let Some(command) = p.args.get(1).cloned() else { return 0 };
    let call = Call::of(&p.args[2..]);
    match command.as_str() {
        "version" | "-v" | "--version" => version(p, &call),
        "dgst" => {
            let named = call.flags.iter().find_map(|f| DIGESTS.iter().find(|d| d.0 == &f[1..]));
            hashes(p, &call, named.unwrap_or(&("sha256", "sha256sum", "SHA256")))
        }
        name if DIGESTS.iter().any(|d| d.0 == name) => {
            let found = DIGESTS.iter().find(|d| d.0 == name).unwrap_or(&DIGESTS[3]);
            hashes(p, &call, found)
        }
        "rand" => random(p, &call),
        "base64" => base64(p, &call),
        "enc" if call.has("-base64") || call.has("-a") && call.flags.iter().all(|f| !f.contains("aes") && !f.contains("des")) => {
            base64(p, &call)
        }
        "passwd" => passwd(p, &call),
        "genrsa" | "genpkey" | "ecparam" | "dsaparam" | "dhparam" | "gendsa" | "req" | "x509" | "rsa" | "ec" | "pkey" | "verify"
        | "pkcs12" | "pkcs8" | "ca" | "crl" | "enc" | "cms" | "smime" | "s_client" | "ciphers" | "list" | "prime" | "pkeyutl" => {
            keys(p, &command, &call)
        }
        _ => {
            p.err(format!("Invalid command '{command}'; type \"help\" for a list.\n"));
            1
        }
    }
}

fn version(p: &mut Process, call: &Call) -> i32 {
    mark_modelled(p);
    let folder = if p.exists("/etc/alpine-release") { "/etc/ssl" } else { "/usr/lib/ssl" };
    if call.has("-d") || call.has("-a") {
        p.out(format!("OPENSSLDIR: \"{folder}\"\n"));
    } else {
        p.out("OpenSSL 3.0.17 1 Jul 2025 (Library: OpenSSL 3.0.17 1 Jul 2025)\n");
    }
    0
}

/// A file's bytes, or standard input; what cannot be read is told as OpenSSL does.
fn input(p: &mut Process, file: Option<&str>) -> Result<Vec<u8>, i32> {
    let file = file.unwrap_or("-").to_owned();
    p.input(&file).map_err(|e| {
        let why = errno::text(e);
        p.err(format!("Can't open \"{file}\" for reading, {why}\n"));
        1
    })
}

/// What is made goes to `-out`, else to standard output.
fn give(p: &mut Process, call: &Call, data: Vec<u8>, mode: u32) -> i32 {
    match call.value("-out").map(str::to_owned) {
        None => {
            p.out(data);
            0
        }
        Some(path) => write(p, &path, data, mode),
    }
}

fn write(p: &mut Process, path: &str, data: Vec<u8>, mode: u32) -> i32 {
    if let Err(e) = p.write(path, data) {
        let why = errno::text(e);
        p.err(format!("Can't open \"{path}\" for writing, {why}\n"));
        return 1;
    }
    if mode != 0
        && let Ok((real, _)) = p.stat(path)
    {
        // It was just made by the same user.
        let _ = p.system.chmod(&p.ids, &real, mode);
    }
    0
}

fn hashes(p: &mut Process, call: &Call, (_, program, shown): &(&str, &str, &str)) -> i32 {
    let files = if call.words.is_empty() { vec!["-".to_owned()] } else { call.words.clone() };
    let (mut out, mut status) = (Vec::new(), 0);
    for file in files {
        let data = match if p.is_dir(&file) { Err(Errno::IsADirectory) } else { p.input(&file) } {
            Ok(data) => data,
            Err(e) => {
                p.err(format!("{file}: {}\n", errno::text(e)));
                status = 1;
                continue;
            }
        };
        p.burn(data.len() as u64 / 64);
        let sum = match call.value("-hmac") {
            Some(key) => hmac(program, key.as_bytes(), &data),
            None => digest::raw(program, &data),
        };
        let label = if file == "-" { "stdin" } else { &file };
        let shown = if call.value("-hmac").is_some() { format!("HMAC-{shown}") } else { (*shown).to_owned() };
        match () {
            () if call.has("-binary") => out.extend(sum),
            () if call.has("-r") => out.extend(format!("{} *{label}\n", digest::hex(&sum)).into_bytes()),
            () => out.extend(format!("{shown}({label})= {}\n", digest::hex(&sum)).into_bytes()),
        }
    }
    give(p, call, out, 0).max(status)
}

fn hmac(program: &str, key: &[u8], data: &[u8]) -> Vec<u8> {
    let block = match program {
        "sha384sum" | "sha512sum" | "b2sum" => 128,
        _ => 64,
    };
    let mut key = if key.len() > block { digest::raw(program, key) } else { key.to_vec() };
    key.resize(block, 0);
    let mixed = |with: u8| key.iter().map(|b| b ^ with).collect::<Vec<u8>>();
    let inner = digest::raw(program, &[mixed(0x36), data.to_vec()].concat());
    digest::raw(program, &[mixed(0x5c), inner].concat())
}

fn random(p: &mut Process, call: &Call) -> i32 {
    let Some(count) = call.words.first().and_then(|w| w.parse::<usize>().ok()).filter(|n| *n <= 1 << 24) else {
        p.err("Extra option: expected a number of bytes\nrand: Use -help for summary.\n");
        return 1;
    };
    let data: Vec<u8> = (0..count).map(|_| p.system.random() as u8).collect();
    let data = match () {
        () if call.has("-hex") => (digest::hex(&data) + "\n").into_bytes(),
        () if call.has("-base64") => folded(&data).into_bytes(),
        () => data,
    };
    give(p, call, data, 0)
}

/// Base 64 on lines of 64.
fn folded(data: &[u8]) -> String {
    let text = bytes::encode(data);
    text.as_bytes().chunks(64).map(|l| String::from_utf8_lossy(l).into_owned() + "\n").collect()
}

fn base64(p: &mut Process, call: &Call) -> i32 {
    let data = match input(p, call.value("-in").or(call.words.first().map(String::as_str))) {
        Ok(data) => data,
        Err(status) => return status,
    };
    let data = match () {
        () if call.has("-d") => bytes::decode(&data, true).0,
        () if call.has("-A") => bytes::encode(&data).into_bytes(),
        () => folded(&data).into_bytes(),
    };
    give(p, call, data, 0)
}

fn passwd(p: &mut Process, call: &Call) -> i32 {
    let method = ["-1", "-apr1", "-5", "-6"].iter().find(|m| call.has(m)).map_or("1", |m| &m[1..]);
    let mut words: Vec<String> = call.words.clone();
    if call.has("-stdin") || call.value("-in").is_some() || words.is_empty() {
        let data = match input(p, call.value("-in")) {
            Ok(data) => data,
            Err(status) => return status,
        };
        words.extend(String::from_utf8_lossy(&data).lines().map(str::to_owned));
    }
    for word in words {
        let salt = call
            .value("-salt")
            .map_or_else(|| crypt::salt(if method.len() > 1 || method == "1" { 8 } else { 16 }, || p.system.random()), str::to_owned);
        p.burn(5000);
        let hash = crypt::hash(method, word.as_bytes(), &salt).unwrap_or_default();
        p.out(hash + "\n");
    }
    0
}

/// A file as PEM: what it is, and what is known of it.
fn pem(p: &mut Process, label: &str, facts: &str, size: usize) -> Vec<u8> {
    let mut data = facts.as_bytes().to_vec();
    data.push(0);
    while data.len() < size {
        data.push(p.system.random() as u8);
    }
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", folded(&data)).into_bytes()
}

/// What is known of a modelled file.
fn facts(data: &[u8]) -> String {
    let text = String::from_utf8_lossy(data);
    let body: String =
        text.lines().skip_while(|l| !l.starts_with("-----BEGIN CERT")).skip(1).take_while(|l| !l.starts_with("-----")).collect();
    let bytes = bytes::decode(body.as_bytes(), true).0;
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(0);
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// `/C=US/O=x` as it is shown: `C = US, O = x`.
fn subject(text: &str) -> String {
    let parts: Vec<String> = text.split('/').filter(|s| !s.is_empty()).map(|s| s.replacen('=', " = ", 1)).collect();
    parts.join(", ")
}

fn keys(p: &mut Process, command: &str, call: &Call) -> i32 {
    mark_modelled(p);
    p.spend(std::time::Duration::from_millis(if matches!(command, "genrsa" | "genpkey" | "req") { 120 } else { 20 }));
    let named = call
        .values
        .iter()
        .filter(|(n, _)| matches!(n.as_str(), "-in" | "-key" | "-CA" | "-CAkey" | "-signkey" | "-config" | "-extfile" | "-CAfile"));
    let missing = named.map(|(_, file)| file.clone()).find(|file| !p.exists(file));
    if let Some(file) = missing {
        p.err(format!("Can't open \"{file}\" for reading, No such file or directory\n"));
        return 1;
    }
    let source = call.value("-in").map(str::to_owned);
    let known = match source.as_ref().map(|file| p.read(file).unwrap_or_default()) {
        Some(data) => facts(&data),
        None => String::new(),
    };
    let fact = |name: &str| known.lines().find_map(|l| l.strip_prefix(name)).unwrap_or("").to_owned();
    match command {
        "genrsa" | "genpkey" | "dsaparam" | "gendsa" => {
            let data = pem(p, "PRIVATE KEY", "", 1217);
            give(p, call, data, 0o600)
        }
        "ecparam" if call.has("-genkey") => {
            let data = pem(p, "EC PRIVATE KEY", "", 121);
            give(p, call, data, 0o600)
        }
        "dhparam" | "ecparam" => {
            let data = pem(p, "DH PARAMETERS", "", 268);
            give(p, call, data, 0)
        }
        "req" => {
            let who = subject(call.value("-subj").unwrap_or("/C=AU/ST=Some-State/O=Internet Widgits Pty Ltd"));
            let mut status = 0;
            if call.value("-newkey").is_some() || call.value("-key").is_none() && (call.has("-new") || call.has("-x509")) {
                let key = pem(p, "PRIVATE KEY", "", 1217);
                let path = call.value("-keyout").unwrap_or("privkey.pem").to_owned();
                status = write(p, &path, key, 0o600);
            }
            let label = if call.has("-x509") { "CERTIFICATE" } else { "CERTIFICATE REQUEST" };
            let days = call.value("-days").unwrap_or("30");
            let data = pem(p, label, &format!("subject={who}\nissuer={who}\ndays={days}"), 850);
            give(p, call, data, 0).max(status)
        }
        "x509" if call.has("-req") => {
            let who = fact("subject=");
            p.err(format!("Certificate request self-signature ok\nsubject={who}\n"));
            let issuer = match call.value("-CA").map(str::to_owned) {
                Some(file) => {
                    let data = p.read(&file).unwrap_or_default();
                    facts(&data).lines().find_map(|l| l.strip_prefix("subject=").map(str::to_owned)).unwrap_or_default()
                }
                None => who.clone(),
            };
            if let Some(serial) = call
                .value("-CA")
                .filter(|_| call.has("-CAcreateserial"))
                .map(|f| f.rsplit_once('.').map_or(f, |(s, _)| s).to_owned() + ".srl")
            {
                let number: Vec<u8> = (0..20).map(|_| p.system.random() as u8).collect();
                write(p, &serial, (digest::hex(&number).to_ascii_uppercase() + "\n").into_bytes(), 0);
            }
            let data = pem(p, "CERTIFICATE", &format!("subject={who}\nissuer={issuer}\ndays={}", call.value("-days").unwrap_or("30")), 850);
            give(p, call, data, 0)
        }
        "x509" => {
            for (flag, name) in [("-subject", "subject="), ("-issuer", "issuer=")] {
                if call.has(flag) {
                    p.out(format!("{name}{}\n", fact(name)));
                }
            }
            if call.has("-noout") {
                return 0;
            }
            let data = source.map(|f| p.read(&f).unwrap_or_default()).unwrap_or_default();
            give(p, call, data, 0)
        }
        "rsa" | "ec" | "pkey" if call.has("-check") => {
            p.out("RSA key ok\n");
            0
        }
        "rsa" | "ec" | "pkey" => {
            p.err("writing RSA key\n");
            let data =
                pem(p, if call.has("-pubout") { "PUBLIC KEY" } else { "PRIVATE KEY" }, "", if call.has("-pubout") { 294 } else { 1217 });
            give(p, call, data, 0)
        }
        "verify" => {
            let words = call.words.clone();
            words.iter().for_each(|w| p.out(format!("{w}: OK\n")));
            0
        }
        _ => match call.value("-out").map(str::to_owned) {
            Some(path) => {
                let data = source.map(|f| p.read(&f).unwrap_or_default()).unwrap_or_default();
                write(p, &path, data, 0)
            }
            None => 0,
        },
    }
}
