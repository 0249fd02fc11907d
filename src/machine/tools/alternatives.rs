//! update-alternatives of Debian, alternatives of Red Hat: links to one program among several, kept in a database of small files.
//!
//! A group's file: its status, its link, for each follower a name and a link, an empty line; then for each choice its path, its
//! priority and a path for each follower; an empty line.

mod show;

use super::date;
use crate::filesystem::{Content, ImagePath, Node};
use crate::machine::Process;

const LINKS: &str = "/etc/alternatives";

/// Links that belong together.
#[derive(Default, Clone)]
struct Group {
    name: String,
    link: String,
    manual: bool,
    /// Names and links of those that follow.
    slaves: Vec<(String, String)>,
    choices: Vec<Choice>,
}

#[derive(Clone)]
struct Choice {
    path: String,
    priority: i32,
    /// A path for each follower; empty: it has none.
    slaves: Vec<String>,
}

impl Group {
    /// The choice of the highest priority, the first of equals.
    fn best(&self) -> Option<&Choice> {
        self.choices.iter().reduce(|best, choice| if choice.priority > best.priority { choice } else { best })
    }
}

/// Whether the messages are those of Debian.
fn debian(p: &Process) -> bool {
    p.exists("/var/lib/dpkg")
}

fn folder(p: &Process) -> &'static str {
    if debian(p) { "/var/lib/dpkg/alternatives" } else { "/var/lib/alternatives" }
}

fn read(p: &Process, name: &str) -> Option<Group> {
    let path = format!("{}/{name}", folder(p));
    p.stat(&path).ok().filter(|_| !name.is_empty() && !name.contains('/'))?;
    let text = p.text(&path);
    let mut lines = text.lines();
    let manual = lines.next()? == "manual";
    let mut group = Group { name: name.to_owned(), link: lines.next()?.to_owned(), manual, ..Group::default() };
    while let Some(slave) = lines.next().filter(|l| !l.is_empty()) {
        group.slaves.push((slave.to_owned(), lines.next()?.to_owned()));
    }
    while let Some(path) = lines.next().filter(|l| !l.is_empty()) {
        let priority = lines.next()?.parse().ok()?;
        let slaves = group.slaves.iter().map(|_| lines.next().unwrap_or("").to_owned()).collect();
        group.choices.push(Choice { path: path.to_owned(), priority, slaves });
    }
    Some(group)
}

fn store(p: &mut Process, group: &Group) {
    let mut text = format!("{}\n{}\n", if group.manual { "manual" } else { "auto" }, group.link);
    for (name, link) in &group.slaves {
        text += &format!("{name}\n{link}\n");
    }
    text.push('\n');
    for choice in &group.choices {
        text += &format!("{}\n{}\n", choice.path, choice.priority);
        for slave in &choice.slaves {
            text += slave;
            text.push('\n');
        }
    }
    text.push('\n');
    let folder = folder(p);
    // Root may write there.
    let _ = p.mkdir_all(folder).and_then(|()| p.write(&format!("{folder}/{}", group.name), text.into_bytes()));
}

/// A line in dpkg's log of alternatives.
fn log(p: &mut Process, text: &str) {
    if !debian(p) {
        return;
    }
    let when = date::format("%Y-%m-%d %H:%M:%S", p.system.now.div_euclid(1_000_000_000), 0);
    let path = "/var/log/alternatives.log";
    let old = p.text(path);
    let _ = p.write(path, format!("{old}update-alternatives {when}: {text}\n").into_bytes());
}

fn warn(p: &mut Process, text: &str) {
    p.fail(&format!("warning: {text}"));
}

fn error(p: &mut Process, text: &str) -> i32 {
    p.fail(&format!("error: {text}"));
    2
}

fn misused(p: &mut Process, text: &str) -> i32 {
    p.fail(&format!("{text}\n\nUse 'update-alternatives --help' for program usage information."));
    2
}

fn target_of(p: &Process, link: &str) -> Option<String> {
    match p.lstat(link) {
        Ok((_, Node::Symlink(link))) => Some(link.target.to_string()),
        _ => None,
    }
}

/// Makes `link` point to `target`; a file in its place stays, unless it is forced.
fn point(p: &mut Process, link: &str, target: &str, force: bool) {
    let old = p.lstat(link);
    match &old {
        Ok((_, Node::Symlink(old))) if *old.target == *target => return,
        Ok((_, Node::Symlink(_))) | Err(_) => {}
        Ok(_) if force => {}
        // Where packages have a link, the modelled program is a file.
        Ok((_, Node::File(file))) if matches!(file.content, Content::Synthetic { .. }) => {
            if !p.exists(target) {
                return;
            }
        }
        Ok(_) => return warn(p, &format!("not replacing {link} with a link")),
    }
    if let Ok((path, _)) = old {
        let _ = p.system.unlink(&p.ids, &path);
    }
    let _ = link.rsplit_once('/').map(|(folder, _)| p.mkdir_all(folder));
    let _ = p.system.symlink(&p.ids, &ImagePath::root(), target, link);
}

fn unlink(p: &mut Process, link: &str) {
    if let Ok((path, Node::Symlink(_))) = p.lstat(link) {
        let _ = p.system.unlink(&p.ids, &path);
    }
}

/// Makes the links of a group lead to a choice.
fn select(p: &mut Process, group: &Group, path: &str, flags: &Flags) {
    let Some(choice) = group.choices.iter().find(|c| c.path == path) else { return };
    let place = format!("{LINKS}/{}", group.name);
    if target_of(p, &place).as_deref() != Some(path) {
        if !flags.quiet && debian(p) {
            let mode = if group.manual { "manual" } else { "auto" };
            p.out(format!("update-alternatives: using {path} to provide {} ({}) in {mode} mode\n", group.link, group.name));
        }
        log(p, &format!("link group {} updated to point to {path}", group.name));
    } else if target_of(p, &group.link).as_ref() != Some(&place) && debian(p) {
        warn(p, &format!("forcing reinstallation of alternative {path} because link group {} is broken", group.name));
    }
    point(p, &place, path, true);
    point(p, &group.link, &place, flags.force);
    for ((name, link), path) in group.slaves.iter().zip(&choice.slaves) {
        let place = format!("{LINKS}/{name}");
        if path.is_empty() || !p.exists(path) {
            if !path.is_empty() {
                let group = &group.name;
                warn(p, &format!("skip creation of {link} because associated file {path} (of link group {group}) doesn't exist"));
            }
            unlink(p, link);
            unlink(p, &place);
            continue;
        }
        point(p, &place, path, true);
        point(p, link, &place, flags.force);
    }
}

fn remove_all(p: &mut Process, group: &Group) {
    let places = std::iter::once((&group.name, &group.link)).chain(group.slaves.iter().map(|(n, l)| (n, l)));
    for (name, link) in places {
        let place = format!("{LINKS}/{name}");
        if target_of(p, link).as_deref() == Some(place.as_str()) {
            unlink(p, link);
        }
        unlink(p, &place);
    }
    if let Ok((path, _)) = p.lstat(&format!("{}/{}", folder(p), group.name)) {
        let _ = p.system.unlink(&p.ids, &path);
    }
    log(p, &format!("link group {} fully removed", group.name));
}

#[derive(Default)]
struct Flags {
    quiet: bool,
    force: bool,
}

/// What is to be done, with its operands.
struct Request {
    action: String,
    operands: Vec<String>,
    slaves: Vec<[String; 3]>,
    flags: Flags,
}

/// How many words an action takes, and what they are called.
fn synopsis(action: &str) -> Option<(usize, &'static str)> {
    Some(match action {
        "--install" => (4, "<link> <name> <path> <priority>"),
        "--set" | "--remove" => (2, "<name> <path>"),
        "--display" | "--query" | "--list" | "--config" | "--auto" | "--remove-all" => (1, "<name>"),
        "--get-selections" | "--all" | "--version" | "--help" => (0, ""),
        _ => return None,
    })
}

fn request(p: &mut Process) -> Result<Request, i32> {
    let mut request = Request { action: String::new(), operands: Vec::new(), slaves: Vec::new(), flags: Flags::default() };
    let args = p.args[1..].to_vec();
    let mut i = 0;
    while let Some(arg) = args.get(i) {
        i += 1;
        match arg.as_str() {
            "--quiet" => request.flags.quiet = true,
            "--force" => request.flags.force = true,
            "--verbose" | "--skip-auto" | "--debug" | "--keep-missing" => {}
            "--altdir" | "--admindir" | "--log" | "--root" | "--family" | "--initscript" => i += 1,
            "--slave" | "--follower" => match args.get(i..i + 3) {
                Some([link, name, path]) => {
                    request.slaves.push([link.clone(), name.clone(), path.clone()]);
                    i += 3;
                }
                _ => return Err(misused(p, "--slave needs <link> <name> <path>")),
            },
            action => {
                let Some((count, names)) = synopsis(action) else {
                    let what = if action.starts_with('-') { "unknown option" } else { "unknown argument" };
                    return Err(misused(p, &format!("{what} '{action}'")));
                };
                match args.get(i..i + count) {
                    Some(operands) => request.operands = operands.to_vec(),
                    None => return Err(misused(p, &format!("{action} needs {names}"))),
                }
                i += count;
                request.action = action.to_owned();
            }
        }
    }
    Ok(request)
}

/// update-alternatives and alternatives.
pub fn update_alternatives(p: &mut Process) -> i32 {
    let Request { action, operands, slaves, flags } = match request(p) {
        Ok(request) => request,
        Err(status) => return status,
    };
    let name = operands.get(usize::from(action == "--install")).cloned().unwrap_or_default();
    let line = p.args[1..].join(" ");
    match action.as_str() {
        "--install" => return install(p, &operands, &slaves, &flags, &line),
        "--get-selections" => {
            for name in p.list(folder(p)).unwrap_or_default() {
                if let Some(group) = read(p, &name) {
                    let mode = if group.manual { "manual" } else { "auto" };
                    let value = target_of(p, &format!("{LINKS}/{name}")).unwrap_or_default();
                    p.out(format!("{name:<30} {mode:<8} {value}\n"));
                }
            }
            return 0;
        }
        "--version" => {
            p.out("Debian update-alternatives version 1.21.22.\n");
            return 0;
        }
        "--all" | "--help" => return 0,
        "" => {
            let all = "--display, --query, --list, --get-selections, --config, --set, --set-selections, --install, --remove, --all, \
                       --remove-all or --auto";
            return misused(p, &format!("need {all}"));
        }
        _ => {}
    }
    let modelled = match action.as_str() {
        _ if read(p, &name).is_some() => None,
        "--set" => supplied(p, &name, operands.get(1)),
        "--auto" | "--config" => supplied(p, &name, None),
        _ => None,
    };
    let unknown = action == "--set" && modelled.is_none() && read(p, &name).is_none() && is_supplied(p, &operands[1]);
    if unknown && p.exists(&format!("/usr/bin/{name}")) || modelled.as_ref().is_some_and(|g| g.choices[0].path == g.link) {
        // What is there is right.
        return 0;
    }
    let flags = Flags { force: flags.force || modelled.is_some(), ..flags };
    let Some(mut group) = read(p, &name).or(modelled) else {
        if action == "--remove" {
            log(p, &format!("run with {line}"));
            return 0;
        }
        return error(p, &format!("no alternatives for {name}"));
    };
    if matches!(action.as_str(), "--set" | "--auto" | "--remove" | "--remove-all") {
        log(p, &format!("run with {line}"));
    }
    let current = target_of(p, &format!("{LINKS}/{name}"));
    match action.as_str() {
        "--set" => {
            let path = &operands[1];
            if !group.choices.iter().any(|c| c.path == *path) {
                return error(p, &format!("alternative {path} for {name} not registered; not setting"));
            }
            if !group.manual {
                log(p, &format!("status of link group {} set to manual", group.link));
            }
            group.manual = true;
            store(p, &group);
            select(p, &group, path, &flags);
        }
        "--auto" => choose_best(p, group, &flags),
        "--remove" => {
            let path = &operands[1];
            if !group.choices.iter().any(|c| c.path == *path) {
                return 0;
            }
            group.choices.retain(|c| c.path != *path);
            if group.manual && current.as_ref() == Some(path) {
                if !flags.quiet && debian(p) {
                    p.out(format!("update-alternatives: removing manually selected alternative - switching {name} to auto mode\n"));
                }
                log(p, &format!("status of link group {} set to auto", group.link));
                group.manual = false;
            }
            match group.choices.is_empty() {
                true => remove_all(p, &group),
                false if group.manual => store(p, &group),
                false => choose_best(p, group, &flags),
            }
        }
        "--remove-all" => remove_all(p, &group),
        "--list" => {
            let paths: String = group.choices.iter().map(|c| format!("{}\n", c.path)).collect();
            p.out(paths);
        }
        "--config" => config(p, &group, current.as_deref()),
        "--query" => p.out(show::query(&group, current.as_deref())),
        _ => p.out(show::display(&group, current.as_deref())),
    }
    0
}

/// The best choice, in auto mode.
fn choose_best(p: &mut Process, mut group: Group, flags: &Flags) {
    group.manual = false;
    store(p, &group);
    if let Some(best) = group.best().map(|c| c.path.clone()) {
        select(p, &group, &best, flags);
    }
}

/// Whether a program that is not there could be one of an installed package or of something unpacked, of which not every file is known.
fn is_supplied(p: &Process, path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if !["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"].contains(&folder) {
        return p.is_dir(folder) || folder.starts_with("/usr/lib/");
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    let status = p.text("/var/lib/dpkg/status");
    let packages = status.lines().filter_map(|l| l.strip_prefix("Package: "));
    stem.len() > 2 && packages.into_iter().any(|package| name.starts_with(package) || package.starts_with(stem))
}

/// A group as the package of a program would have made it, whose scripts are not run here.
fn supplied(p: &Process, name: &str, path: Option<&String>) -> Option<Group> {
    let link = format!("/usr/bin/{name}");
    let path = path.cloned().unwrap_or_else(|| link.clone());
    let known = !name.is_empty() && p.exists(&path) && path != format!("{LINKS}/{name}");
    let choice = Choice { path, priority: 50, slaves: Vec::new() };
    known.then(|| Group { name: name.to_owned(), link, choices: vec![choice], ..Group::default() })
}

fn install(p: &mut Process, operands: &[String], slaves: &[[String; 3]], flags: &Flags, line: &str) -> i32 {
    let [link, name, path, priority] = operands else { return 2 };
    let Ok(priority) = priority.parse::<i32>() else { return misused(p, &format!("priority '{priority}' must be an integer")) };
    if !link.starts_with('/') {
        return error(p, &format!("alternative link is not absolute as it should be: {link}"));
    }
    if !path.starts_with('/') {
        return error(p, &format!("alternative path is not absolute as it should be: {path}"));
    }
    if name.contains(['/', ' ', '\t']) {
        return error(p, &format!("alternative name ({name}) must not contain '/' and spaces"));
    }
    if debian(p) && !p.exists(path) && !is_supplied(p, path) {
        return error(p, &format!("alternative path {path} doesn't exist"));
    }
    log(p, &format!("run with {line}"));
    let mut group = read(p, name).unwrap_or_else(|| Group { name: name.clone(), link: link.clone(), ..Group::default() });
    if group.link != *link {
        if debian(p) {
            p.out(format!("update-alternatives: renaming {name} link from {} to {link}\n", group.link));
        }
        let old = std::mem::replace(&mut group.link, link.clone());
        unlink(p, &old);
        point(p, link, &format!("{LINKS}/{name}"), flags.force);
    }
    for [link, name, _] in slaves {
        match group.slaves.iter_mut().find(|(n, _)| n == name) {
            Some(slave) => slave.1.clone_from(link),
            None => {
                group.slaves.push((name.clone(), link.clone()));
                group.choices.iter_mut().for_each(|c| c.slaves.push(String::new()));
            }
        }
    }
    let followers = group.slaves.iter().map(|(n, _)| slaves.iter().find(|s| s[1] == *n).map(|s| s[2].clone()).unwrap_or_default());
    let choice = Choice { path: path.clone(), priority, slaves: followers.collect() };
    match group.choices.iter_mut().find(|c| c.path == *path) {
        Some(old) => *old = choice,
        None => group.choices.push(choice),
    }
    crate::base::sort_by_key(&mut group.choices, |c| c.path.clone());
    match group.manual {
        true => store(p, &group),
        false => choose_best(p, group, flags),
    }
    0
}

/// `--config`: the table of choices, and a number that is read.
fn config(p: &mut Process, group: &Group, current: Option<&str>) {
    let count = group.choices.len();
    let (verb, noun) = if count == 1 { ("is", "choice") } else { ("are", "choices") };
    let mut text = format!("There {verb} {count} {noun} for the alternative {} (providing {}).\n\n", group.name, group.link);
    let width = group.choices.iter().map(|c| c.path.len()).max().unwrap_or(0).max(14) + 1;
    text += &format!("  {:<12} {:<width$} {:<10} {}\n", "Selection", "Path", "Priority", "Status");
    text += &"-".repeat(60);
    text.push('\n');
    let best = group.best();
    let row = |mark: bool, number: usize, choice: &Choice, mode: &str| {
        format!(
            "{} {number:<12} {:<width$} {:<10} {mode} mode\n",
            if mark { '*' } else { ' ' },
            choice.path,
            format!(" {}", choice.priority)
        )
    };
    if let Some(best) = best {
        text += &row(!group.manual, 0, best, "auto");
    }
    for (i, choice) in group.choices.iter().enumerate() {
        text += &row(group.manual && current == Some(choice.path.as_str()), i + 1, choice, "manual");
    }
    text += "\nPress <enter> to keep the current choice[*], or type selection number: ";
    p.out(text);
    let line = String::from_utf8_lossy(&p.stdin()).lines().next().unwrap_or("").trim().to_owned();
    let chosen = line.parse::<usize>().ok();
    let mut group = group.clone();
    match chosen {
        Some(0) => choose_best(p, group, &Flags::default()),
        Some(number) if number <= count => {
            group.manual = true;
            store(p, &group);
            let path = group.choices[number - 1].path.clone();
            select(p, &group, &path, &Flags::default());
        }
        _ => {}
    }
}
