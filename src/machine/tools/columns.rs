//! Tools that lay lines out in columns: expand, unexpand, fold, fmt, column.

use super::options::{of, open};
use crate::machine::Process;

/// Each file's bytes to `work`; 1 if one could not be opened.
fn each(p: &mut Process, files: &[String], mut work: impl FnMut(&mut Process, &[u8])) -> i32 {
    let mut status = 0;
    for file in files {
        match open(p, file) {
            Some(data) => {
                p.burn(data.len() as u64 / 8);
                work(p, &data);
            }
            None => status = 1,
        }
    }
    status
}

/// A number above 0; what is none is told.
fn above(p: &mut Process, text: Option<&str>, default: usize, most: usize) -> Result<usize, i32> {
    text.map_or(Ok(default), |text| super::options::number(p, text, 1..=most))
}

/// expand.
pub fn expand(p: &mut Process) -> i32 {
    let options = match of(p, "it:", &[("initial", 'i'), ("tabs", 't')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let stop = match above(p, options.value('t'), 8, u32::MAX as usize) {
        Ok(stop) => stop,
        Err(status) => return status,
    };
    each(p, &options.files(), |p, data| {
        let mut out = Vec::with_capacity(data.len());
        let (mut column, mut initial) = (0, true);
        for byte in data {
            match byte {
                b'\t' if initial || !options.has('i') => {
                    let fill = stop - column % stop;
                    if !p.burn(fill as u64) {
                        return;
                    }
                    out.resize(out.len() + fill, b' ');
                    column += fill;
                }
                b'\n' => {
                    out.push(b'\n');
                    (column, initial) = (0, true);
                }
                byte => {
                    initial &= *byte == b' ';
                    out.push(*byte);
                    column += 1;
                }
            }
        }
        p.out(out);
    })
}

/// unexpand.
pub fn unexpand(p: &mut Process) -> i32 {
    let options = match of(p, "aft:", &[("all", 'a'), ("first-only", 'f'), ("tabs", 't')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let stop = match above(p, options.value('t'), 8, u32::MAX as usize) {
        Ok(stop) => stop,
        Err(status) => return status,
    };
    let all = (options.has('a') || options.has('t')) && !options.has('f');
    let busybox = p.busybox();
    each(p, &options.files(), |p, data| {
        let mut out = Vec::with_capacity(data.len());
        let (mut column, mut pending, mut initial) = (0usize, 0usize, true);
        for byte in data {
            match byte {
                b' ' | b'\t' if initial || all => {
                    let next = if *byte == b'\t' { (column / stop + 1) * stop } else { column + 1 };
                    pending += next - column;
                    column = next;
                    if column.is_multiple_of(stop) {
                        out.push(if pending > 1 || *byte == b'\t' || initial || busybox { b'\t' } else { b' ' });
                        pending = 0;
                    }
                    continue;
                }
                _ => {}
            }
            out.resize(out.len() + std::mem::take(&mut pending), b' ');
            out.push(*byte);
            column += 1;
            initial = false;
            if *byte == b'\n' {
                (column, initial) = (0, true);
            }
        }
        out.resize(out.len() + pending, b' ');
        p.out(out);
    })
}

/// fold.
pub fn fold(p: &mut Process) -> i32 {
    // The old `-5`.
    for arg in p.args.iter_mut().skip(1).take_while(|a| *a != "--") {
        if arg.len() > 1 && arg.starts_with('-') && arg[1..].bytes().all(|b| b.is_ascii_digit()) {
            arg.insert(1, 'w');
        }
    }
    let long: &[(&str, char)] = if p.busybox() { &[] } else { &[("width", 'w'), ("spaces", 's'), ("bytes", 'b')] };
    let options = match of(p, "w:sb", long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let most = if p.busybox() { 10_000 } else { usize::MAX };
    if let Some(text) = options.value('w').filter(|w| !p.busybox() && w.parse::<usize>().is_err()) {
        let text = format!("invalid number of columns: '{text}'");
        return p.fail(&text);
    }
    let width = match above(p, options.value('w'), 80, most) {
        Ok(width) => width,
        Err(status) => return status,
    };
    let bytes = options.has('b');
    let advance = move |column: usize, byte: u8| match byte {
        _ if bytes => column + 1,
        b'\x08' => column.saturating_sub(1),
        b'\r' => 0,
        b'\t' => column + 8 - column % 8,
        _ => column + 1,
    };
    each(p, &options.files(), |p, data| {
        let mut out = Vec::with_capacity(data.len());
        let mut line: Vec<u8> = Vec::new();
        let mut column = 0;
        for byte in data {
            if *byte == b'\n' {
                line.push(b'\n');
                out.append(&mut line);
                column = 0;
                continue;
            }
            let mut next = advance(column, *byte);
            if next > width && !line.is_empty() {
                let space = line.iter().rposition(|b| b.is_ascii_whitespace()).filter(|_| options.has('s'));
                let rest = space.map_or(Vec::new(), |i| line.split_off(i + 1));
                out.append(&mut line);
                out.push(b'\n');
                line = rest;
                column = line.iter().fold(0, |c, b| advance(c, *b));
                next = advance(column, *byte);
            }
            line.push(*byte);
            column = next;
        }
        out.append(&mut line);
        p.out(out);
    })
}

/// fmt: paragraphs filled to a width, with the margin that they have.
pub fn fmt(p: &mut Process) -> i32 {
    if let Some(arg) = p.args.get_mut(1).filter(|a| a.len() > 1 && a.starts_with('-') && a[1..].bytes().all(|b| b.is_ascii_digit())) {
        arg.insert(1, 'w');
    }
    let options = match of(p, "w:sucg:p:t", &[("width", 'w'), ("split-only", 's'), ("uniform-spacing", 'u'), ("goal", 'g')]) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let width = match options.value('w').map(str::parse::<usize>) {
        None => 75,
        Some(Ok(width)) => width,
        Some(Err(_)) => {
            let text = format!("invalid width: '{}'", options.value('w').unwrap_or(""));
            return p.fail(&text);
        }
    };
    let mut files = options.files();
    let mut status = 0;
    for file in files.clone() {
        if let Err(e) = if file == "-" { Ok(()) } else { p.stat(&file).map(|_| ()) } {
            status = p.fail(&format!("cannot open '{file}' for reading: {}", crate::machine::errno::text(e)));
            files.retain(|f| *f != file);
        }
    }
    status
        | each(p, &files, |p, data| {
            let text = String::from_utf8_lossy(data).into_owned();
            let (mut line, mut margin) = (String::new(), String::new());
            let indent = |l: &str| l[..l.len() - l.trim_start().len()].to_owned();
            for source in text.lines() {
                let blank = source.trim().is_empty();
                // Another margin is another paragraph.
                if !line.is_empty() && (blank || indent(source) != margin) {
                    p.out(std::mem::take(&mut line) + "\n");
                }
                if blank {
                    p.out("\n");
                    continue;
                }
                margin = indent(source);
                for word in source.split_whitespace() {
                    if !line.is_empty() && line.len() + 1 + word.len() > width * 93 / 100 {
                        p.out(std::mem::take(&mut line) + "\n");
                    }
                    line += if line.is_empty() { margin.as_str() } else { " " };
                    line += word;
                }
                if options.has('s') {
                    p.out(std::mem::take(&mut line) + "\n");
                }
            }
            if !line.is_empty() {
                p.out(line + "\n");
            }
        })
}

/// column: entries in columns, filled downwards or (`-x`) across; with `-t` lines as a table.
pub fn column(p: &mut Process) -> i32 {
    let long = [("table", 't'), ("separator", 's'), ("output-separator", 'o'), ("output-width", 'c'), ("fillrows", 'x')];
    let options = match of(p, "ts:o:c:nxeN:R:J", &long) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut lines: Vec<String> = Vec::new();
    let status = each(p, &options.files(), |_, data| {
        lines.extend(String::from_utf8_lossy(data).lines().filter(|l| !l.trim().is_empty()).map(str::to_owned));
    });
    if !options.has('t') {
        let width = options.value('c').and_then(|c| c.parse().ok()).unwrap_or(80usize);
        p.out(filled(&lines, width, options.has('x')));
        return status;
    }
    let separators = options.value('s').unwrap_or(" \t").to_owned();
    let split = |line: &String| -> Vec<String> {
        let cells = line.split(|c| separators.contains(c));
        match options.has('s') {
            true => cells.map(str::to_owned).collect(),
            false => cells.filter(|c| !c.is_empty()).map(str::to_owned).collect(),
        }
    };
    let rows: Vec<Vec<String>> = lines.iter().map(split).collect();
    let mut widths: Vec<usize> = Vec::new();
    for row in &rows {
        widths.resize(widths.len().max(row.len()), 0);
        row.iter().zip(&mut widths).for_each(|(cell, width)| *width = (*width).max(cell.chars().count()));
    }
    let gap = options.value('o').unwrap_or("  ");
    for row in rows {
        let last = row.len().saturating_sub(1);
        let cells = row.iter().zip(&widths).enumerate().map(|(i, (c, width))| if i < last { wide(c, *width) } else { c.clone() });
        p.out(cells.collect::<Vec<_>>().join(gap) + "\n");
    }
    status
}

/// A cell with blanks behind it up to a number of characters.
fn wide(cell: &str, width: usize) -> String {
    cell.to_owned() + &" ".repeat(width.saturating_sub(cell.chars().count()))
}

/// Entries in columns of equal width, with tabs between.
fn filled(entries: &[String], width: usize, across: bool) -> String {
    let widest = entries.iter().map(|e| e.chars().count()).max().unwrap_or(0);
    let step = (widest + 8) / 8 * 8;
    let columns = (width / step).max(1);
    let rows = entries.len().div_ceil(columns);
    let mut text = String::new();
    for row in 0..rows {
        let at = |column: usize| if across { row * columns + column } else { column * rows + row };
        let cells: Vec<&String> = (0..columns).map_while(|column| entries.get(at(column))).collect();
        for (i, cell) in cells.iter().enumerate() {
            text.push_str(cell);
            if i + 1 < cells.len() {
                let used = cell.chars().count();
                text.push_str(&"\t".repeat((step - used).div_ceil(8)));
            }
        }
        text.push('\n');
    }
    text
}
