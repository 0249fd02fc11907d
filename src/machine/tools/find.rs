//! find.

use super::mode;
use super::names::{base, group, inside, letter, user};
use crate::filesystem::{ImagePath, Node};
use crate::machine::files::{Access, node_size, permits};
use crate::machine::regex::{Regex, Syntax};
use crate::machine::shell::glob;
use crate::machine::{Process, errno};

/// Deepest folder that is entered, and deepest nesting of brackets.
const MAX_DEPTH: usize = 300;

/// A test or an action.
#[derive(Debug, Clone)]
enum Term {
    And(Vec<Term>),
    Or(Vec<Term>),
    Not(Box<Term>),
    Always(bool),
    Name(String, bool),
    Path(String, bool),
    Link(String),
    Matches(Box<Regex>),
    Kind(String),
    /// What is counted, the sign, the number, the unit.
    Count(char, char, u64, u64),
    Perm(char, u32),
    Empty,
    May(Access),
    Newer(i64),
    Nobody(bool),
    Same(ImagePath),
    Print(&'static str),
    Format(String),
    List,
    Exec(Vec<String>, bool),
    ExecMany(usize),
    Delete,
    Prune,
    Quit,
}

#[derive(Debug, Default)]
struct Finder {
    max: Option<usize>,
    min: usize,
    depth_first: bool,
    follow: bool,
    follow_first: bool,
    one_device: bool,
    many: Vec<(Vec<String>, Vec<String>, bool)>,
    acts: bool,
    quit: bool,
    status: i32,
}

struct Place<'a> {
    shown: &'a str,
    start: &'a str,
    real: ImagePath,
    node: Node,
    depth: usize,
}

/// find.
pub fn find(p: &mut Process) -> i32 {
    let mut args = p.args[1..].to_vec();
    let mut finder = Finder::default();
    while let Some(flag) = args.first().filter(|a| matches!(a.as_str(), "-L" | "-H" | "-P")).cloned() {
        (finder.follow, finder.follow_first) = (flag == "-L", flag != "-P");
        args.remove(0);
    }
    let begins = |a: &str| a.starts_with('-') && a.len() > 1 || matches!(a, "(" | "!") || a == ")" && !p.busybox();
    let split = args.iter().position(|a| begins(a)).unwrap_or(args.len());
    let expression = args.split_off(split);
    let starts = if args.is_empty() { vec![".".to_owned()] } else { args };
    let mut at = 0;
    let parsed = alternatives(p, &mut finder, &expression, &mut at, 0);
    let term = match parsed {
        Ok(term) if at >= expression.len() => term,
        Ok(_) if p.busybox() => return super::options::refuse(p, "unrecognized: )"),
        Ok(_) => return p.fail("unexpected ')'"),
        Err(text) => {
            p.fail(&text);
            return if text.starts_with("unrecognized: ") { super::options::usage(p) } else { 1 };
        }
    };
    let term = if finder.acts { term } else { Term::And(vec![term, Term::Print("\n")]) };
    for start in &starts {
        if !finder.quit {
            finder.walk(p, &term, start.clone(), start, 0, None);
        }
    }
    for (command, found, _) in std::mem::take(&mut finder.many) {
        if !found.is_empty() && p.alive() {
            let mut args = Vec::new();
            for word in &command {
                match word.contains("{}") {
                    true => args.extend(found.iter().map(|f| word.replace("{}", f))),
                    false => args.push(word.clone()),
                }
            }
            if super::xargs::start(p, args) != 0 {
                finder.status = 1;
            }
        }
    }
    finder.status
}

type Parsed = Result<Term, String>;

fn alternatives(p: &Process, f: &mut Finder, a: &[String], at: &mut usize, depth: usize) -> Parsed {
    let mut terms = vec![sequence(p, f, a, at, depth)?];
    while a.get(*at).is_some_and(|o| o == "-o" || o == "-or") {
        *at += 1;
        terms.push(sequence(p, f, a, at, depth)?);
    }
    Ok(Term::Or(terms))
}

fn sequence(p: &Process, f: &mut Finder, a: &[String], at: &mut usize, depth: usize) -> Parsed {
    let mut terms = Vec::new();
    while let Some(word) = a.get(*at) {
        match word.as_str() {
            "-o" | "-or" | ")" => break,
            "-a" | "-and" => *at += 1,
            _ => terms.push(single(p, f, a, at, depth)?),
        }
    }
    Ok(Term::And(terms))
}

fn single(p: &Process, f: &mut Finder, a: &[String], at: &mut usize, depth: usize) -> Parsed {
    if depth > MAX_DEPTH {
        return Err("nested too deeply".into());
    }
    let word = a.get(*at).cloned().unwrap_or_default();
    *at += 1;
    match word.as_str() {
        // Nothing to deny is nothing to say.
        "!" | "-not" if p.busybox() && a.get(*at).is_none_or(|w| matches!(w.as_str(), "-o" | "-or" | ")")) => {
            return Ok(Term::Always(true));
        }
        "!" | "-not" => return Ok(Term::Not(Box::new(single(p, f, a, at, depth + 1)?))),
        "(" => {
            let term = alternatives(p, f, a, at, depth + 1)?;
            if a.get(*at).is_none_or(|c| c != ")") {
                return Err(if p.busybox() {
                    "unpaired '('".into()
                } else {
                    "invalid expression; I was expecting to find a ')' somewhere but did not see one.".into()
                });
            }
            *at += 1;
            return Ok(term);
        }
        "-exec" | "-execdir" | "-ok" if word == "-exec" || !p.debian_busybox() => return exec(p, f, a, at, &word),
        _ => {}
    }
    if p.debian_busybox() && !BUSYBOX.split(' ').any(|w| w == word) {
        return Err(unknown(p, &word));
    }
    if let Some(term) = bare(f, &word) {
        return Ok(term);
    }
    let Some(value) = a.get(*at).cloned() else {
        return Err(match () {
            () if !is_valued(&word) => unknown(p, &word),
            () if p.busybox() => format!("{word} requires an argument"),
            () => format!("missing argument to `{word}'"),
        });
    };
    if !is_valued(&word) {
        return Err(unknown(p, &word));
    }
    *at += 1;
    valued(p, f, &word, &value)
}

fn unknown(p: &Process, word: &str) -> String {
    if p.busybox() { format!("unrecognized: {word}") } else { format!("unknown predicate `{word}'") }
}

fn exec(p: &Process, f: &mut Finder, a: &[String], at: &mut usize, word: &str) -> Parsed {
    f.acts = true;
    let rest = &a[(*at).min(a.len())..];
    let busybox = p.busybox();
    let ends = rest.iter().enumerate().position(|(i, w)| w == ";" || w == "+" && (busybox || i > 0 && rest[i - 1] == "{}"));
    let Some(end) = ends else {
        return Err(if p.busybox() { format!("{word} requires an argument") } else { format!("missing argument to `{word}'") });
    };
    let command = rest[..end].to_vec();
    let many = rest[end] == "+";
    *at += end + 1;
    if many {
        if command.iter().filter(|w| w.contains("{}")).count() != 1 {
            return Err(if busybox {
                "only one '{}' allowed for -exec +".into()
            } else {
                "Only one instance of {} is supported with -exec ... +".into()
            });
        }
        f.many.push((command, Vec::new(), word == "-execdir"));
        return Ok(Term::ExecMany(f.many.len() - 1));
    }
    Ok(Term::Exec(command, word == "-execdir"))
}

/// Terms without a value.
fn bare(f: &mut Finder, word: &str) -> Option<Term> {
    let (term, acts) = match word {
        "-print" => (Term::Print("\n"), true),
        "-print0" => (Term::Print("\0"), true),
        "-ls" => (Term::List, true),
        "-delete" => {
            f.depth_first = true;
            (Term::Delete, true)
        }
        "-quit" => (Term::Quit, false),
        "-prune" => (Term::Prune, false),
        "-true" | "-noleaf" | "-nowarn" | "-warn" | "-ignore_readdir_race" => (Term::Always(true), false),
        "-false" => (Term::Always(false), false),
        "-empty" => (Term::Empty, false),
        "-executable" => (Term::May(Access::Execute), false),
        "-readable" => (Term::May(Access::Read), false),
        "-writable" => (Term::May(Access::Write), false),
        "-nouser" => (Term::Nobody(true), false),
        "-nogroup" => (Term::Nobody(false), false),
        "-depth" | "-d" => {
            f.depth_first = true;
            (Term::Always(true), false)
        }
        "-follow" => {
            (f.follow, f.follow_first) = (true, true);
            (Term::Always(true), false)
        }
        "-xdev" | "-mount" => {
            f.one_device = true;
            (Term::Always(true), false)
        }
        _ => return None,
    };
    f.acts |= acts;
    Some(term)
}

/// What busybox knows, as Debian builds it.
const BUSYBOX: &str = "-follow -xdev -maxdepth -mindepth -depth -name -iname -path -ipath -wholename -regex -type -executable -perm -mtime -atime -ctime \
-mmin -amin -cmin -newer -inum -samefile -user -group -size -links -empty -prune -print -print0 -quit";

const VALUED: &str = " -name -iname -path -ipath -wholename -iwholename -lname -type -xtype -size -links -uid -gid -user -group -perm -newer \
-samefile -maxdepth -mindepth -regex -iregex -mtime -mmin -atime -amin -ctime -cmin -inum -newermt -printf ";

fn is_valued(word: &str) -> bool {
    !word.contains(' ') && VALUED.contains(&format!(" {word} "))
}

fn valued(p: &Process, f: &mut Finder, word: &str, value: &str) -> Parsed {
    let bad = || if p.busybox() { format!("invalid number '{value}'") } else { format!("invalid argument `{value}' to `{word}'") };
    let count = |what: char, unit: u64| {
        let sign = value.chars().next().filter(|c| "+-".contains(*c)).unwrap_or('=');
        value.trim_start_matches(['+', '-']).parse().map(|n| Term::Count(what, sign, n, unit)).map_err(|_| bad())
    };
    Ok(match word {
        "-name" => Term::Name(value.into(), false),
        "-iname" => Term::Name(value.to_ascii_lowercase(), true),
        "-path" | "-wholename" => Term::Path(value.into(), false),
        "-ipath" | "-iwholename" => Term::Path(value.to_ascii_lowercase(), true),
        "-lname" => Term::Link(value.into()),
        "-type" if p.busybox() && !matches!(value, "f" | "d" | "l" | "b" | "c" | "s" | "p") => {
            return Err(format!("invalid argument '{value}' to '-type'"));
        }
        "-type" | "-xtype" => match value.split(',').find(|k| !matches!(*k, "f" | "d" | "l" | "b" | "c" | "s" | "p")) {
            Some(unknown) => return Err(format!("Unknown argument to {word}: {unknown}")),
            None => Term::Kind(value.into()),
        },
        "-newermt" => match super::date::parse(value, super::date::now(p).0) {
            Some(seconds) => Term::Newer(seconds.saturating_mul(1_000_000_000)),
            None => return Err(format!("I cannot figure out how to interpret '{value}' as a date or time")),
        },
        "-regex" | "-iregex" => {
            let syntax = Syntax { ignore_case: word == "-iregex", ..Syntax::default() };
            match Regex::new(format!("^\\({value}\\)$").as_bytes(), syntax) {
                Ok(regex) => Term::Matches(Box::new(regex)),
                Err(why) => return Err(format!("bad regex '{value}': {why}")),
            }
        }
        "-links" => count('h', 1)?,
        "-uid" => count('u', 1)?,
        "-gid" => count('g', 1)?,
        "-inum" => count('i', 1)?,
        "-mtime" | "-atime" => count('t', 86_400)?,
        "-mmin" | "-amin" => count('t', 60)?,
        "-ctime" => count('c', 86_400)?,
        "-cmin" => count('c', 60)?,
        "-size" => {
            let (digits, unit) = value.split_at(value.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len());
            let unit = match unit {
                "c" => 1,
                "w" => 2,
                "" | "b" => 512,
                "k" => 1 << 10,
                "M" if !p.busybox() => 1 << 20,
                "G" if !p.busybox() => 1 << 30,
                _ => return Err(bad()),
            };
            let sign = value.chars().next().filter(|c| "+-".contains(*c)).unwrap_or('=');
            let number: u64 = digits.trim_start_matches(['+', '-']).parse().map_err(|_| bad())?;
            // busybox compares bytes, GNU counts units that are begun.
            if p.busybox() { Term::Count('s', sign, number.saturating_mul(unit), 1) } else { Term::Count('s', sign, number, unit) }
        }
        "-user" | "-group" => {
            let users = word == "-user";
            let id = if users { p.users().into_iter().find(|u| u.name == value).map(|u| u.uid) } else { super::owner::group_id(p, value) };
            let Some(id) = id.or_else(|| value.parse().ok()) else {
                let what = if users { "user" } else { "group" };
                return Err(match () {
                    () if p.busybox() => format!("unknown {what} {value}"),
                    () if users => {
                        format!("\u{2018}{value}\u{2019} is not the name of a known user").replace(['\u{2018}', '\u{2019}'], "'")
                    }
                    () => format!("'{value}' is not the name of an existing group"),
                });
            };
            Term::Count(if users { 'u' } else { 'g' }, '=', id.into(), 1)
        }
        "-perm" => {
            let sign = value.chars().next().filter(|c| "/-+".contains(*c)).unwrap_or('=');
            let text = if sign == '=' { value } else { &value[1..] };
            let bits = mode::parse(text, 0, 0, false).ok_or_else(|| format!("invalid mode '{value}'"))?;
            Term::Perm(sign, bits)
        }
        "-newer" | "-samefile" => {
            let (real, node) = p.stat(value).map_err(|e| {
                if p.busybox() { format!("can't stat '{value}': {}", errno::text(e)) } else { format!("'{value}': {}", errno::text(e)) }
            })?;
            if word == "-newer" { Term::Newer(node.metadata().mtime) } else { Term::Same(real) }
        }
        "-maxdepth" | "-mindepth" => {
            let refusal = || match p.busybox() {
                true => bad(),
                false => format!("Expected a positive decimal integer argument to {word}, but got '{value}'"),
            };
            let number: usize = value.parse().map_err(|_| refusal())?;
            if word == "-maxdepth" {
                f.max = Some(number);
            } else {
                f.min = number;
            }
            Term::Always(true)
        }
        _ => {
            f.acts = true;
            Term::Format(value.into())
        }
    })
}

impl Finder {
    fn walk(&mut self, p: &mut Process, term: &Term, shown: String, start: &str, depth: usize, device: Option<usize>) {
        if !p.burn(20) || depth > MAX_DEPTH || self.quit {
            return;
        }
        let follow = if depth == 0 { self.follow_first } else { self.follow };
        let found = if follow { p.stat(&shown).or_else(|_| p.lstat(&shown)) } else { p.lstat(&shown) };
        let (real, node) = match found {
            Ok(found) => found,
            Err(e) => return self.fail(p, &shown, errno::text(e)),
        };
        let here = p.system.device(&real);
        let entries = node.as_directory().is_some() && self.max.is_none_or(|m| depth < m);
        let enters = entries && !(self.one_device && device.is_some_and(|d| d != here));
        let place = Place { shown: &shown, start, real, node, depth };
        let mut prune = false;
        if !self.depth_first && depth >= self.min {
            self.check(p, term, &place, &mut prune);
        }
        if enters && !prune {
            match p.list(&shown) {
                Ok(names) => {
                    for name in names {
                        self.walk(p, term, inside(&shown, &name), start, depth + 1, Some(here));
                    }
                }
                // `-exec rm` may have taken it away.
                Err(crate::filesystem::Errno::NoEntry) if p.busybox() => {}
                Err(e) => self.fail(p, &shown, errno::text(e)),
            }
        }
        if self.depth_first && depth >= self.min && !self.quit {
            self.check(p, term, &place, &mut prune);
        }
    }

    fn fail(&mut self, p: &mut Process, shown: &str, text: &str) {
        let name = if p.busybox() { shown.to_owned() } else { super::names::quote(p, shown) };
        self.status = p.fail(&format!("{name}: {text}"));
    }

    fn check(&mut self, p: &mut Process, term: &Term, place: &Place<'_>, prune: &mut bool) -> bool {
        let (shown, node) = (place.shown, &place.node);
        let meta = node.metadata();
        match term {
            Term::And(terms) => terms.iter().all(|t| self.check(p, t, place, prune) && !self.quit),
            Term::Or(terms) => terms.iter().any(|t| self.check(p, t, place, prune) || self.quit),
            Term::Not(term) => !self.check(p, term, place, prune),
            Term::Always(value) => *value,
            Term::Name(pattern, false) => glob::matches(pattern, base(shown)),
            Term::Name(pattern, true) => glob::matches(pattern, &base(shown).to_ascii_lowercase()),
            Term::Path(pattern, false) => glob::matches(pattern, shown),
            Term::Path(pattern, true) => glob::matches(pattern, &shown.to_ascii_lowercase()),
            Term::Matches(regex) => regex.is_match(shown.as_bytes()),
            Term::Link(pattern) => matches!(node, Node::Symlink(l) if glob::matches(pattern, &l.target)),
            Term::Kind(kinds) => kinds.contains(if letter(node) == '-' { 'f' } else { letter(node) }),
            Term::Count(what, sign, number, unit) => {
                let value = match what {
                    'h' => p.system.link_count(node) as u64,
                    'u' => meta.uid.into(),
                    'g' => meta.gid.into(),
                    'i' => super::names::inode(&place.real, node),
                    // Whatever is there was put there a moment ago.
                    'c' => 0,
                    't' => (p.system.now - meta.mtime).max(0) as u64 / 1_000_000_000 / unit,
                    // How large a folder is depends on the disk; of a small one nothing should.
                    _ if node.as_directory().is_some() => 1,
                    _ => node_size(node).div_ceil(*unit),
                };
                match sign {
                    '+' => value > *number,
                    '-' => value < *number,
                    _ => value == *number,
                }
            }
            Term::Perm('-', bits) => meta.mode & bits == *bits,
            Term::Perm('=', bits) => meta.mode == *bits,
            Term::Perm(_, bits) => *bits == 0 || meta.mode & bits != 0,
            Term::Empty => match node {
                Node::Directory(_) => {
                    p.system.node(&place.real).and_then(|n| n.as_directory().map(|d| d.entries.is_empty())).unwrap_or(false)
                }
                Node::File(f) => f.content.is_empty(),
                _ => false,
            },
            Term::May(access) => permits(&p.ids, meta, *access, node.as_directory().is_some()),
            Term::Newer(time) => meta.mtime > *time,
            Term::Nobody(true) => user(p, meta.uid).is_none(),
            Term::Nobody(false) => group(p, meta.gid).is_none(),
            Term::Same(real) => {
                let link = |n: &Node| n.as_file().and_then(|f| f.link);
                *real == place.real || link(node).is_some_and(|l| p.system.node(real).as_ref().and_then(link) == Some(l))
            }
            Term::Print(end) => {
                p.out(format!("{shown}{end}"));
                true
            }
            Term::Format(format) => {
                let text = fill(p, format, place);
                p.out(text);
                true
            }
            Term::List => {
                let owner = user(p, meta.uid).unwrap_or_else(|| meta.uid.to_string());
                let group = group(p, meta.gid).unwrap_or_else(|| meta.gid.to_string());
                let date = super::names::short_date(meta.mtime, p.system.now);
                let (inode, size) = (super::names::inode(&place.real, node), node_size(node));
                let text = format!(
                    "{inode:>9} {:>6} {} {:>3} {owner:<8} {group:<8} {size:>8} {date} {shown}\n",
                    size.div_ceil(4096) * 4,
                    mode::show(letter(node), meta.mode),
                    p.system.link_count(node)
                );
                p.out(text);
                true
            }
            Term::Exec(command, in_folder) => {
                let args: Vec<String> = command.iter().map(|w| w.replace("{}", shown)).collect();
                if *in_folder { self.run_in_folder(p, command, place) } else { super::xargs::start(p, args) == 0 }
            }
            Term::ExecMany(i) => {
                if let Some((_, found, _)) = self.many.get_mut(*i) {
                    found.push(shown.to_owned());
                }
                true
            }
            Term::Delete if shown == "." => true,
            Term::Delete => match p.system.unlink(&p.ids, &place.real) {
                Ok(()) => true,
                Err(e) => {
                    let text = if p.busybox() {
                        format!("{shown}: {}", errno::text(e))
                    } else {
                        format!("cannot delete {}: {}", super::names::quote(p, shown), errno::text(e))
                    };
                    self.status = p.fail(&text);
                    false
                }
            },
            Term::Prune => {
                *prune = true;
                true
            }
            Term::Quit => {
                self.quit = true;
                true
            }
        }
    }

    fn run_in_folder(&mut self, p: &mut Process, command: &[String], place: &Place<'_>) -> bool {
        let args: Vec<String> = command.iter().map(|w| w.replace("{}", &format!("./{}", base(place.shown)))).collect();
        let back = std::mem::replace(&mut p.cwd, place.real.parent().unwrap_or_else(ImagePath::root));
        let status = p.run(&args);
        p.cwd = back;
        status == 0
    }
}

/// A time as `%T` with this letter writes it: what has seconds has ten digits behind them.
fn time(at: i64, letter: char) -> String {
    let pattern = match letter {
        '@' => "%s.%N0".to_owned(),
        'S' => "%S.%N0".to_owned(),
        'T' => "%H:%M:%S.%N0".to_owned(),
        '+' => "%Y-%m-%d+%H:%M:%S.%N0".to_owned(),
        'c' => "%a %b %e %H:%M:%S.%N0 %Y".to_owned(),
        letter => format!("%{letter}"),
    };
    super::date::format(&pattern, at.div_euclid(1_000_000_000), at.rem_euclid(1_000_000_000))
}

/// `-printf`.
fn fill(p: &Process, format: &str, place: &Place<'_>) -> String {
    let mut text = String::new();
    let mut chars = format.chars();
    let (node, meta) = (&place.node, place.node.metadata());
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('0') => text.push('\0'),
                Some(c) => text.push(c),
                None => text.push('\\'),
            },
            '%' => {
                let below = place.shown.strip_prefix(place.start).unwrap_or("").trim_start_matches('/');
                match chars.next() {
                    Some('p') => text += place.shown,
                    Some('P') => text += below,
                    Some('f') => text += base(place.shown),
                    Some('h') => text += place.shown.rsplit_once('/').map_or(".", |(folder, _)| folder),
                    Some('s') => text += &node_size(node).to_string(),
                    Some('m') => text += &format!("{:o}", meta.mode),
                    Some('M') => text += &mode::show(letter(node), meta.mode),
                    Some('u') => text += &user(p, meta.uid).unwrap_or_else(|| meta.uid.to_string()),
                    Some('g') => text += &group(p, meta.gid).unwrap_or_else(|| meta.gid.to_string()),
                    Some('U') => text += &meta.uid.to_string(),
                    Some('G') => text += &meta.gid.to_string(),
                    Some('d') => text += &place.depth.to_string(),
                    Some('y') => text.push(if letter(node) == '-' { 'f' } else { letter(node) }),
                    Some('n') => text += &p.system.link_count(node).to_string(),
                    Some('l') => {
                        if let Node::Symlink(link) = node {
                            text += &link.target;
                        }
                    }
                    Some('T' | 'A' | 'C') => text += &time(meta.mtime, chars.next().unwrap_or('c')),
                    Some('t' | 'a' | 'c') => text += &time(meta.mtime, 'c'),
                    Some('k') => text += &(node_size(node).div_ceil(4096) * 4).to_string(),
                    Some('b') => text += &(node_size(node).div_ceil(4096) * 8).to_string(),
                    Some(c) => text.push(c),
                    None => text.push('%'),
                }
            }
            c => text.push(c),
        }
    }
    text
}
