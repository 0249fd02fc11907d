//! curl and wget.

use super::download::{self, fetch, file_name, host};
use super::options::{Options, of, parse, usage};
use crate::filesystem::Content;
use crate::machine::{Network, Process, errno};

const CURL: &[(&str, char)] = &[
    ("fail", 'f'),
    ("silent", 's'),
    ("show-error", 'S'),
    ("location", 'L'),
    ("output", 'o'),
    ("remote-name", 'O'),
    ("remote-name-all", '\u{2}'),
    ("insecure", 'k'),
    ("head", 'I'),
    ("include", 'i'),
    ("request", 'X'),
    ("header", 'H'),
    ("data", 'd'),
    ("data-raw", 'd'),
    ("data-binary", 'd'),
    ("user", 'u'),
    ("user-agent", 'A'),
    ("proxy", 'x'),
    ("max-time", 'm'),
    ("write-out", 'w'),
    ("range", 'r'),
    ("cookie", 'b'),
    ("cookie-jar", 'c'),
    ("upload-file", 'T'),
    ("continue-at", 'C'),
    ("referer", 'e'),
    ("form", 'F'),
    ("config", 'K'),
    ("progress-bar", '#'),
    ("version", 'V'),
    ("url", '\u{3}'),
    ("create-dirs", '\u{4}'),
    ("output-dir", '\u{5}'),
    ("verbose", 'v'),
];

/// Long options of curl that take a value nobody needs here.
const CURL_VALUED: &[&str] = &[
    "retry",
    "retry-delay",
    "retry-max-time",
    "connect-timeout",
    "proto",
    "proto-redir",
    "proto-default",
    "cacert",
    "capath",
    "cert",
    "key",
    "limit-rate",
    "max-redirs",
    "resolve",
    "tls-max",
    "ciphers",
    "interface",
    "speed-time",
    "speed-limit",
    "data-urlencode",
    "noproxy",
    "oauth2-bearer",
    "dns-servers",
    "connect-to",
    "expect100-timeout",
    "keepalive-time",
    "max-filesize",
    "proxy-user",
    "time-cond",
];

/// curl's arguments without the long options that say nothing here.
fn slimmed(p: &Process) -> Vec<String> {
    let mut out = Vec::new();
    let mut args = p.args.iter().skip(1);
    while let Some(arg) = args.next() {
        let Some(name) = arg.strip_prefix("--") else {
            out.push(arg.clone());
            continue;
        };
        let plain = name.split('=').next().unwrap_or("");
        if CURL_VALUED.contains(&plain) {
            if !name.contains('=') {
                args.next();
            }
        } else if CURL.iter().any(|(n, _)| *n == plain) || plain.is_empty() {
            out.push(arg.clone());
        }
    }
    out
}

/// curl.
pub fn curl(p: &mut Process) -> i32 {
    let letters = "fsSLo:OkIiX:H:d:u:A:x:m:w:r:b:c:T:C:e:F:K:#Vvjgnpq46z:RNJ0123a\u{2}\u{3}:\u{4}\u{5}:E:y:Y:t:Q:P:D:";
    let options = match parse(&slimmed(p), letters, CURL) {
        Ok(options) => options,
        Err(text) => {
            p.err(format!("curl: {text}\ncurl: try 'curl --help' or 'curl --manual' for more information\n"));
            return 2;
        }
    };
    if options.has('V') {
        p.out("curl 8.14.1 (x86_64-pc-linux-gnu) libcurl/8.14.1\n");
        return 0;
    }
    let urls: Vec<String> = options.values('\u{3}').map(str::to_owned).chain(options.operands.iter().cloned()).collect();
    if urls.is_empty() {
        p.err("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n");
        return 2;
    }
    let mut status = 0;
    let mut outputs = options.values('o').map(str::to_owned).collect::<Vec<_>>().into_iter();
    for url in urls {
        let url = if url.contains("://") { url } else { format!("http://{url}") };
        let target = match outputs.next() {
            Some(file) => Some(file),
            None if options.has('O') || options.has('\u{2}') => Some(file_name(&url).to_owned()),
            None => None,
        };
        let code = one(p, &options, &url, target);
        status = if code == 0 { status } else { code };
    }
    status
}

fn one(p: &mut Process, options: &Options, url: &str, target: Option<String>) -> i32 {
    let loud = !options.has('s') || options.has('S');
    let content = if let Some(path) = url.strip_prefix("file://") {
        match p.content(path) {
            Ok(content) => content,
            Err(_) => return complain(p, loud, 37, &format!("Couldn't open file {path}")),
        }
    } else if p.system.network == Network::None {
        return complain(p, loud, 6, &format!("Could not resolve host: {}", host(url)));
    } else {
        fetch(p, url).content
    };
    let size = content.len();
    if options.has('I') {
        p.out("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n");
    } else if let Some(file) = target.filter(|f| f != "-") {
        let file = options.value('\u{5}').map_or(file.clone(), |folder| super::names::inside(folder, &file));
        if file.is_empty() {
            return complain(p, loud, 23, "Remote file name has no length!");
        }
        if let Some((folder, _)) = file.rsplit_once('/').filter(|_| options.has('\u{4}')) {
            // What cannot be made is told when the file is opened.
            let _ = p.mkdir_all(folder);
        }
        if !options.has('s') {
            p.err(meter(size));
        }
        if let Err(e) = p.write(&file, content) {
            p.err(format!("Warning: Failed to open the file {file}: {}\n", errno::text(e)));
            return complain(p, loud, 23, "Failure writing output to destination");
        }
    } else {
        body(p, url, &content);
    }
    if let Some(format) = options.value('w') {
        let text =
            format.replace("%{http_code}", "200").replace("%{response_code}", "200").replace("%{url_effective}", url).replace("\\n", "\n");
        p.out(text);
    }
    0
}

/// A body to standard output: a modelled one is stood in for, so that whoever reads it knows.
fn body(p: &mut Process, url: &str, content: &Content) {
    match content {
        Content::Synthetic { .. } => p.out(download::stand_in(url)),
        content => p.out(content.head(u64::MAX)),
    }
}

fn complain(p: &mut Process, loud: bool, code: i32, text: &str) -> i32 {
    if loud {
        p.err(format!("curl: ({code}) {text}\n"));
    }
    code
}

/// The progress meter at its end.
fn meter(size: u64) -> String {
    let short = match size {
        n if n < 100_000 => n.to_string(),
        n if n < 10_000 << 10 => format!("{}k", n >> 10),
        n => format!("{:.1}M", n as f64 / f64::from(1 << 20)),
    };
    format!(
        "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n\
         100 {short:>5}  100 {short:>5}    0     0  20.0M      0 --:--:-- --:--:-- --:--:-- 20.0M\n"
    )
}

const WGET: &[(&str, char)] = &[
    ("quiet", 'q'),
    ("output-document", 'O'),
    ("directory-prefix", 'P'),
    ("continue", 'c'),
    ("no-verbose", '\u{1}'),
    ("no-check-certificate", '\u{2}'),
    ("tries", 't'),
    ("timeout", 'T'),
    ("header", '\u{3}'),
    ("post-data", '\u{4}'),
    ("post-file", '\u{4}'),
    ("user-agent", 'U'),
    ("spider", '\u{5}'),
    ("proxy", 'Y'),
    ("server-response", 'S'),
    ("version", 'V'),
];

/// wget.
pub fn wget(p: &mut Process) -> i32 {
    let busybox = p.busybox();
    let letters = "qO:P:ct:T:U:SY:o:\u{1}\u{2}\u{3}:\u{4}:\u{5}";
    let options = if busybox {
        match of(p, letters, WGET) {
            Ok(options) => options,
            Err(status) => return status,
        }
    } else {
        // GNU's wget has far more options than can matter here.
        let known = |arg: &str| !arg.starts_with("--") || WGET.iter().any(|(n, _)| arg[2..].split('=').next() == Some(*n));
        let args: Vec<String> = p.args[1..].iter().filter(|a| known(a)).cloned().collect();
        match parse(&args, &format!("{letters}VnNkprHxEKmil:w:A:R:a:i:D:I:X:e:46dvb"), WGET) {
            Ok(options) => options,
            Err(text) => return p.fail(&text).max(2),
        }
    };
    if options.has('V') {
        p.out("GNU Wget 1.21.3 built on linux-gnu.\n");
        return 0;
    }
    if options.operands.is_empty() {
        if !busybox {
            p.err("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n");
            return 1;
        }
        return usage(p);
    }
    // `-nv` is one option of two letters.
    let brief = options.has('\u{1}') || options.has('n') && options.has('v');
    for url in options.operands.clone() {
        let url = if url.contains("://") { url } else { format!("http://{url}") };
        if p.system.network == Network::None {
            let host = host(&url).to_owned();
            if busybox {
                return p.fail(&format!("bad address '{host}'"));
            }
            if !options.has('q') {
                p.err(format!("wget: unable to resolve host address '{host}'\n"));
            }
            return 4;
        }
        let content = fetch(p, &url).content;
        if options.has('\u{5}') {
            continue;
        }
        let name = match options.value('O') {
            Some("-") => {
                body(p, &url, &content);
                continue;
            }
            Some(file) => file.to_owned(),
            None => {
                let name = Some(file_name(&url)).filter(|n| !n.is_empty()).unwrap_or("index.html");
                options.value('P').map_or(name.to_owned(), |folder| super::names::inside(folder, name))
            }
        };
        if let Some((folder, _)) = name.rsplit_once('/').filter(|_| options.has('P')) {
            // What cannot be made is told when the file is opened.
            let _ = p.mkdir_all(folder);
        }
        let size = content.len();
        if busybox && !options.has('q') {
            p.err(format!("Connecting to {}\nsaving to '{name}'\n", host(&url)));
        }
        if let Err(e) = p.write(&name, content) {
            let why = errno::text(e);
            return p.fail(&if busybox { format!("can't open '{name}': {why}") } else { format!("{name}: {why}") });
        }
        match (options.has('q'), busybox) {
            (true, _) => {}
            (_, true) => p.err(format!("{name:<20} 100% |********************************| {size:>5}  0:00:00 ETA\n'{name}' saved\n")),
            _ if brief => p.err(format!("{} URL:{url} [{size}/{size}] -> \"{name}\" [1]\n", stamp(p))),
            _ => p.err(format!("--{}--  {url}\nHTTP request sent, awaiting response... 200 OK\nLength: {size}\nSaving to: '{name}'\n\n{0} (20.0 MB/s) - '{name}' saved [{size}/{size}]\n\n", stamp(p))),
        }
    }
    0
}

fn stamp(p: &Process) -> String {
    super::date::format("%Y-%m-%d %H:%M:%S", super::date::now(p).0, 0)
}
