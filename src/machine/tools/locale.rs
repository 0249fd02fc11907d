//! Locales: locale, locale-gen, localedef, update-locale; which there are is told by the archive that they are compiled into.

use std::sync::Arc;

use super::options::of;
use crate::filesystem::{Content, Node};
use crate::machine::Process;

const ARCHIVE: &str = "/usr/lib/locale/locale-archive";
/// What one locale takes in the archive.
const EACH: u64 = 3_048_928;
/// How the archive's content begins to be made, before the names of what it holds.
const SEED: &str = "locales";

/// What the package `locales` has in its list, the most usual ones.
const SUPPORTED: &str = "C ar_EG bg_BG ca_ES cs_CZ da_DK de_AT de_CH de_DE el_GR en_AU en_CA en_GB en_IE en_IN en_NZ en_US en_ZA es_AR \
    es_ES es_MX et_EE fa_IR fi_FI fr_BE fr_CA fr_CH fr_FR he_IL hi_IN hr_HR hu_HU id_ID is_IS it_IT ja_JP ko_KR lt_LT lv_LV nb_NO nl_BE \
    nl_NL nn_NO pl_PL pt_BR pt_PT ro_RO ru_RU sk_SK sl_SI sr_RS sv_SE th_TH tr_TR uk_UA vi_VN zh_CN zh_HK zh_TW";

/// A fresh `/etc/locale.gen`: all of them, none chosen.
pub fn list() -> String {
    let mut text = String::from("# Locales that locale-gen makes: take the mark off those that are wanted.\n\n");
    for name in SUPPORTED.split_whitespace() {
        text += &format!("# {name}.UTF-8 UTF-8\n");
    }
    text
}

/// A name as the C library compares them: `en_US.UTF-8` is `en_US.utf8`.
fn normal(name: &str) -> String {
    let (base, modifier) = name.split_once('@').map_or((name, ""), |(b, m)| (b, m));
    let mut text = match base.split_once('.') {
        Some((place, codeset)) => {
            let codeset: String = codeset.chars().filter(char::is_ascii_alphanumeric).collect();
            format!("{place}.{}", codeset.to_ascii_lowercase())
        }
        None => base.to_owned(),
    };
    if !modifier.is_empty() {
        text += &format!("@{modifier}");
    }
    text
}

/// The locales in the archive.
fn archived(p: &Process) -> Vec<String> {
    match p.stat(ARCHIVE) {
        Ok((_, Node::File(file))) => match &file.content {
            Content::Synthetic { seed, .. } => seed.split(' ').skip(1).map(str::to_owned).collect(),
            Content::Bytes(_) => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Whether the C library can set a locale.
pub fn is_available(p: &Process, name: &str) -> bool {
    let name = normal(name);
    matches!(name.as_str(), "" | "C" | "POSIX" | "C.utf8") || archived(p).contains(&name) || p.is_dir(&format!("/usr/lib/locale/{name}"))
}

/// Puts locales into the archive.
fn compile(p: &mut Process, mut names: Vec<String>) -> bool {
    crate::base::sort(&mut names);
    names.dedup();
    let seed: Arc<str> = format!("{SEED} {}", names.join(" ")).into();
    let size = EACH + EACH / 60 * (names.len() as u64 - 1);
    p.mkdir_all("/usr/lib/locale").is_ok() && p.write(ARCHIVE, Content::Synthetic { seed, size }).is_ok()
}

/// locale-gen: those that /etc/locale.gen has chosen; Ubuntu's takes names, too.
pub fn locale_gen(p: &mut Process) -> i32 {
    let ubuntu = p.text("/etc/os-release").contains("ID=ubuntu");
    let words: Vec<String> = p.args[1..].iter().filter(|a| !a.starts_with('-')).cloned().collect();
    let mut names: Vec<(String, String)> = p
        .text("/etc/locale.gen")
        .lines()
        .filter(|l| !l.trim_start().starts_with('#'))
        .filter_map(|l| {
            let mut parts = l.split_whitespace();
            Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
        })
        .filter(|(name, _)| name.is_ascii())
        .collect();
    if ubuntu {
        let given = words.iter().filter(|w| !names.iter().any(|(n, _)| n == *w)).map(|w| (w.clone(), "UTF-8".to_owned()));
        let given: Vec<_> = given.collect();
        names.extend(given);
    }
    p.out("Generating locales (this might take a while)...\n");
    let mut made = if p.args.iter().any(|a| a == "--keep-existing") || ubuntu { archived(p) } else { Vec::new() };
    for (name, codeset) in &names {
        let suffix = if name.contains('.') || name.contains('@') { String::new() } else { format!(".{codeset}") };
        p.spend(std::time::Duration::from_millis(1800));
        p.out(format!("  {name}{suffix}... done\n"));
        made.push(normal(&format!("{name}{suffix}")));
    }
    if !made.is_empty() && !compile(p, made) {
        return 1;
    }
    p.out("Generation complete.\n");
    0
}

/// localedef: one locale into the archive.
pub fn localedef(p: &mut Process) -> i32 {
    let long =
        [("inputfile", 'i'), ("charmap", 'f'), ("force", 'c'), ("alias-file", 'A'), ("list-archive", 'l'), ("delete-from-archive", 'd')];
    let options = match of(p, "i:f:cA:u:v", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.has('l') {
        let names: String = archived(p).iter().map(|n| format!("{n}\n")).collect();
        p.out(names);
        return 0;
    }
    let Some(name) = options.operands.first() else {
        p.out("Try `localedef --help' or `localedef --usage' for more information.\n");
        return 4;
    };
    if options.has('d') {
        let rest: Vec<String> = archived(p).into_iter().filter(|n| *n != normal(name)).collect();
        return i32::from(!rest.is_empty() && !compile(p, rest));
    }
    let input = options.value('i').unwrap_or(name);
    let place = input.split(['.', '@']).next().unwrap_or("");
    let plausible = |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    if !input.contains('/') && place != "C" && place != "POSIX" && !place.split('_').all(plausible) {
        p.err(format!("[error] cannot open locale definition file `{input}': No such file or directory\n"));
        return 4;
    }
    p.spend(std::time::Duration::from_millis(900));
    let mut made = archived(p);
    let codeset = options
        .value('f')
        .filter(|_| !name.contains('.'))
        .map_or(String::new(), |f| if f == "UTF-8" { ".utf8".into() } else { String::new() });
    made.push(normal(&format!("{name}{codeset}")));
    i32::from(!compile(p, made))
}

/// locale: the settings, or with `-a` what there is.
pub fn locale(p: &mut Process) -> i32 {
    let options = match of(p, "amkc", &[("all-locales", 'a'), ("charmaps", 'm'), ("keyword-name", 'k'), ("category-name", 'c')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.has('a') {
        let mut names: Vec<String> = ["C", "C.utf8", "POSIX"].map(str::to_owned).into();
        names.extend(archived(p));
        p.out(names.join("\n") + "\n");
        return 0;
    }
    let get = |p: &Process, name: &str| p.var(name).unwrap_or("").to_owned();
    let all = get(p, "LC_ALL");
    let lang = get(p, "LANG");
    let chosen = |p: &Process, category: &str| match (all.as_str(), p.var(category).filter(|v| !v.is_empty()), lang.as_str()) {
        (all, ..) if !all.is_empty() => (all.to_owned(), true),
        (_, Some(own), _) => (own.to_owned(), false),
        (_, None, "") => ("POSIX".to_owned(), true),
        (_, None, lang) => (lang.to_owned(), true),
    };
    let wrong: Vec<&str> = ["LC_CTYPE", "LC_MESSAGES"].into_iter().filter(|c| !is_available(p, &chosen(p, c).0)).collect();
    for category in wrong.iter().copied().chain((!wrong.is_empty()).then_some("LC_ALL")) {
        p.err(format!("locale: Cannot set {category} to default locale: No such file or directory\n"));
    }
    if let Some(keyword) = options.operands.first() {
        if keyword == "charmap" {
            let name = normal(&chosen(p, "LC_CTYPE").0);
            p.out(if name.ends_with(".utf8") && is_available(p, &name) { "UTF-8\n" } else { "ANSI_X3.4-1968\n" });
        }
        return 0;
    }
    let mut text = format!("LANG={lang}\nLANGUAGE={}\n", get(p, "LANGUAGE"));
    for part in [
        "CTYPE",
        "NUMERIC",
        "TIME",
        "COLLATE",
        "MONETARY",
        "MESSAGES",
        "PAPER",
        "NAME",
        "ADDRESS",
        "TELEPHONE",
        "MEASUREMENT",
        "IDENTIFICATION",
    ] {
        let (value, implied) = chosen(p, &format!("LC_{part}"));
        let quote = if implied { "\"" } else { "" };
        text += &format!("LC_{part}={quote}{value}{quote}\n");
    }
    p.out(text + &format!("LC_ALL={all}\n"));
    0
}

/// update-locale: the file that logins read.
pub fn update_locale(p: &mut Process) -> i32 {
    let path = "/etc/default/locale";
    let mut lines: Vec<String> = p.text(path).lines().filter(|l| !l.starts_with('#') && !l.is_empty()).map(str::to_owned).collect();
    let words: Vec<String> = p.args[1..].iter().filter(|a| !a.starts_with("--")).cloned().collect();
    let bad: Vec<&String> = words
        .iter()
        .filter(|w| w.split_once('=').is_some_and(|(name, value)| name != "LANGUAGE" && !is_available(p, value.trim_matches('"'))))
        .collect();
    if !bad.is_empty() && !p.args.iter().any(|a| a == "--no-checks") {
        let list = bad.iter().map(|w| format!(" {w}")).collect::<String>();
        p.err(format!("*** update-locale: Error: invalid locale settings: {list}\n"));
        return 255;
    }
    for word in words {
        let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v)));
        lines.retain(|l| l.split('=').next() != Some(name));
        lines.extend(value.map(|value| format!("{name}={value}")));
    }
    let text = lines.iter().fold(String::from("#  File generated by update-locale\n"), |text, line| text + line + "\n");
    let done = p.mkdir_all("/etc/default").and_then(|()| p.write(path, text.into_bytes()));
    i32::from(done.is_err())
}
