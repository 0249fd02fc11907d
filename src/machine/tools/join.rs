//! Lines of two sorted files: join and comm.

use super::options::{Options, of, open, two_operands};
use crate::machine::Process;

/// A line in its fields.
type Row = Vec<String>;

/// How a line is put together.
struct Layout {
    gap: String,
    /// In the place of what is not there.
    empty: String,
    /// Files (0: the common field) and fields, in order; none: all.
    order: Vec<(usize, usize)>,
    /// Which field is the common one.
    keys: [usize; 2],
}

impl Layout {
    fn line(&self, rows: [Option<&Row>; 2]) -> String {
        let cell = |file: usize, at: usize| rows[file].and_then(|row| row.get(at)).filter(|c| !c.is_empty()).unwrap_or(&self.empty).clone();
        let present = usize::from(rows[0].is_none());
        let key = cell(present, self.keys[present]);
        let mut cells = Vec::new();
        if self.order.is_empty() {
            cells.push(key);
            for (row, at) in rows.iter().zip(self.keys) {
                cells.extend(row.iter().flat_map(|r| r.iter().enumerate()).filter(|(i, _)| *i != at).map(|(_, c)| c.clone()));
            }
        } else {
            cells.extend(self.order.iter().map(|(file, at)| if *file == 0 { key.clone() } else { cell(file - 1, *at) }));
        }
        cells.join(&self.gap) + "\n"
    }
}

/// The fields of `-o`: `0`, `1.2`, `2.1`, with commas or blanks between.
fn order(options: &Options) -> Vec<(usize, usize)> {
    let words = options.values('o').flat_map(|o| o.split([',', ' ']));
    let place = |word: &str| match word.split_once('.') {
        Some((file, field)) => Some((file.parse().ok().filter(|f| (1..=2).contains(f))?, field.parse::<usize>().ok()?.checked_sub(1)?)),
        None => (word == "0").then_some((0, 0)),
    };
    words.filter_map(place).collect()
}

/// Both files, or the status after the message that there are not two.
fn two_files(p: &mut Process, options: &Options) -> Result<[Vec<u8>; 2], i32> {
    if !p.busybox()
        && let Some(status) = two_operands(p, options)
    {
        return Err(status);
    }
    let [a, b] = options.operands.clone().try_into().unwrap_or_default();
    let (Some(a), Some(b)) = (open(p, &a), open(p, &b)) else { return Err(1) };
    Ok([a, b])
}

/// join: lines of two sorted files with the same field.
pub fn join(p: &mut Process) -> i32 {
    let long: &[(&str, char)] = &[("header", 'h'), ("ignore-case", 'i'), ("check-order", 'c'), ("nocheck-order", 'n')];
    let options = match of(p, "t:1:2:j:a:v:e:o:i", if p.busybox() { &[] } else { long }) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let [left, right] = match two_files(p, &options) {
        Ok(files) => files,
        Err(status) => return status,
    };
    let separator = options.value('t').and_then(|t| t.chars().next());
    let read = |data: &[u8]| -> Vec<Row> {
        let text = String::from_utf8_lossy(data).into_owned();
        let fields = |l: &str| match separator {
            Some(c) => l.split(c).map(str::to_owned).collect(),
            None => l.split_whitespace().map(str::to_owned).collect(),
        };
        text.lines().map(fields).collect()
    };
    let rows = [read(&left), read(&right)];
    let field = |letter| options.value(letter).or(options.value('j')).and_then(|n| n.parse::<usize>().ok()).unwrap_or(1).max(1) - 1;
    let layout = Layout {
        gap: separator.unwrap_or(' ').to_string(),
        empty: options.value('e').unwrap_or("").to_owned(),
        order: order(&options),
        keys: [field('1'), field('2')],
    };
    let key = |file: usize, at: usize| -> Option<String> {
        let text = rows[file].get(at)?.get(layout.keys[file]).cloned().unwrap_or_default();
        Some(if options.has('i') { text.to_ascii_lowercase() } else { text })
    };
    let only = |n: &str| options.values('a').chain(options.values('v')).any(|v| v == n);
    let paired = !options.has('v');
    let (mut i, mut j) = (0, 0);
    if options.has('h') && !rows[0].is_empty() && !rows[1].is_empty() {
        p.out(layout.line([rows[0].first(), rows[1].first()]));
        (i, j) = (1, 1);
    }
    let mut told = p.busybox() || options.has('n');
    while let (Some(x), Some(y)) = (key(0, i).or(key(1, j)), key(1, j).or(key(0, i))) {
        if !p.burn(1) {
            return 1;
        }
        let (has_left, has_right) = (i < rows[0].len(), j < rows[1].len());
        for (file, at, name, data) in [(0, i, &options.operands[0], &left), (1, j, &options.operands[1], &right)] {
            if !told && at > 0 && key(file, at - 1) > key(file, at) && key(file, at).is_some() {
                told = true;
                let line = String::from_utf8_lossy(data).lines().nth(at).unwrap_or("").to_owned();
                p.fail(&format!("{name}:{}: is not sorted: {line}", at + 1));
            }
        }
        if has_left && (!has_right || x < y) {
            if only("1") {
                p.out(layout.line([rows[0].get(i), None]));
            }
            i += 1;
        } else if has_right && (!has_left || y < x) {
            if only("2") {
                p.out(layout.line([None, rows[1].get(j)]));
            }
            j += 1;
        } else {
            let same = |file: usize, from: usize| (from..rows[file].len()).take_while(|at| key(file, *at).as_ref() == Some(&x)).count();
            let (many, more) = (same(0, i), same(1, j));
            for (m, n) in (0..many).flat_map(|m| (0..more).map(move |n| (m, n))).filter(|_| paired) {
                if !p.burn(1) {
                    return 1;
                }
                p.out(layout.line([rows[0].get(i + m), rows[1].get(j + n)]));
            }
            i += many;
            j += more;
        }
    }
    if told && !p.busybox() && !options.has('n') {
        return p.fail("input is not in sorted order");
    }
    0
}

/// comm: what two sorted files have in common.
pub fn comm(p: &mut Process) -> i32 {
    let long: &[(&str, char)] =
        &[("output-delimiter", 'o'), ("total", 't'), ("zero-terminated", 'z'), ("check-order", 'c'), ("nocheck-order", 'n')];
    let options = match of(p, "123z", if p.busybox() { &[] } else { long }) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let [a, b] = match two_files(p, &options) {
        Ok(files) => files,
        Err(status) => return status,
    };
    let end = if options.has('z') { 0 } else { b'\n' };
    let split = |data: &'_ [u8]| -> Vec<Vec<u8>> {
        let data = data.strip_suffix(&[end]).map_or(data, |d| d);
        if data.is_empty() { Vec::new() } else { data.split(|b| *b == end).map(<[u8]>::to_vec).collect() }
    };
    let (a, b) = (split(&a), split(&b));
    let delimiter = options.value('o').unwrap_or("\t").to_owned();
    let mut counts = [0usize; 3];
    let mut disorder = [false; 2];
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let order = match (a.get(i), b.get(j)) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(_), None) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Greater,
        };
        let (column, line) = match order {
            std::cmp::Ordering::Less => ('1', &a[i]),
            std::cmp::Ordering::Greater => ('2', &b[j]),
            std::cmp::Ordering::Equal => ('3', &a[i]),
        };
        for (file, (lines, at, moved)) in [(&a, i, column != '2'), (&b, j, column != '1')].into_iter().enumerate() {
            if moved && at > 0 && lines[at - 1] > lines[at] && !disorder[file] && !p.busybox() && !options.has('n') {
                disorder[file] = true;
                p.fail(&format!("file {} is not in sorted order", file + 1));
            }
        }
        i += usize::from(column != '2');
        j += usize::from(column != '1');
        counts[column as usize - '1' as usize] += 1;
        if !options.has(column) {
            let tabs = ['1', '2'].iter().filter(|c| **c < column && !options.has(**c)).count();
            p.out(delimiter.repeat(tabs));
            p.out(line);
            p.out([end]);
        }
    }
    if options.has('t') {
        p.out(format!("{}{delimiter}{}{delimiter}{}{delimiter}total\n", counts[0], counts[1], counts[2]));
    }
    if disorder.contains(&true) {
        return p.fail("input is not in sorted order");
    }
    0
}
