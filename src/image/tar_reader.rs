//! Reads a tar as Go's `archive/tar` does: USTAR, V7, PAX and GNU headers, PAX sparse files. No byte is copied but those of
//! sparse files, nothing is believed: an archive that lies about a length ends in an error.

use std::borrow::Cow;
use std::collections::BTreeMap;

const BLOCK: usize = 512;
/// Bytes of a PAX header or a long name that are read: Go's `maxSpecialFileSize`.
const MAX_SPECIAL: usize = 1 << 20;
const NANOSECONDS: i64 = 1_000_000_000;

/// An entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// As written.
    pub name: String,
    /// Target of a symbolic or hard link.
    pub link: String,
    /// The type flag: `b'0'` file, `b'1'` hard link, `b'2'` symbolic link, `b'3'` and `b'4'` devices, `b'5'` directory, `b'6'` fifo;
    /// others as they are.
    pub kind: u8,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Nanoseconds since 1970; what does not fit is 0.
    pub mtime: i64,
    /// Device numbers.
    pub device: (u32, u32),
    /// `SCHILY.xattr.…`, less the prefix.
    pub xattrs: BTreeMap<String, Vec<u8>>,
    /// The content of a file.
    pub data: Cow<'a, [u8]>,
    /// Where `data` begins in the archive, if it stands there as it is.
    pub at: Option<usize>,
}

/// The entries of an archive in their order, up to the first error. The text of an error is Go's.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Bytes that the holes of a sparse file may come to.
    limit: u64,
    over: bool,
}

const HEADER: &str = "archive/tar: invalid tar header";
const TRUNCATED: &str = "unexpected EOF";

impl<'a> Reader<'a> {
    /// Reads `bytes`; a sparse file may be `limit` bytes long.
    pub fn new(bytes: &'a [u8], limit: u64) -> Self {
        Self { bytes, at: 0, limit, over: false }
    }

    /// The next block; `None` at the end of the archive.
    fn block(&mut self) -> Result<Option<&'a [u8]>, String> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return Ok(None);
        }
        let block = rest.get(..BLOCK).ok_or(TRUNCATED)?;
        self.at += BLOCK;
        if block.iter().any(|byte| *byte != 0) {
            return Ok(Some(block));
        }
        // Two blocks of zeros end an archive.
        match self.bytes[self.at..].get(..BLOCK) {
            None if self.bytes.len() == self.at => Ok(None),
            None => Err(TRUNCATED.into()),
            Some(next) if next.iter().all(|byte| *byte == 0) => Ok(None),
            Some(_) => Err(HEADER.into()),
        }
    }

    /// The next `size` bytes and the padding behind them, which may be missing at the end of the archive.
    fn take(&mut self, size: u64) -> Result<&'a [u8], String> {
        let size = usize::try_from(size).map_err(|_| TRUNCATED)?;
        let data = self.bytes[self.at..].get(..size).ok_or(TRUNCATED)?;
        self.at = (self.at + size.div_ceil(BLOCK) * BLOCK).min(self.bytes.len());
        Ok(data)
    }

    fn special(&mut self, size: u64) -> Result<&'a [u8], String> {
        if size > MAX_SPECIAL as u64 {
            return Err("archive/tar: header field too long".into());
        }
        self.take(size)
    }

    fn member(&mut self) -> Result<Option<Member<'a>>, String> {
        let mut records = Records::new();
        let (mut long_name, mut long_link) = (None, None);
        loop {
            let Some(block) = self.block()? else { return Ok(None) };
            let head = Head::read(block)?;
            match head.kind {
                b'x' => records = parse_records(self.special(head.size)?)?,
                b'g' => _ = parse_records(self.special(head.size)?)?,
                b'L' => long_name = Some(text(self.special(head.size)?)),
                b'K' => long_link = Some(text(self.special(head.size)?)),
                _ => return self.entry(head, records, long_name, long_link).map(Some),
            }
        }
    }

    fn entry(
        &mut self,
        mut head: Head,
        records: Records,
        long_name: Option<String>,
        long_link: Option<String>,
    ) -> Result<Member<'a>, String> {
        let mut xattrs = BTreeMap::new();
        for (key, value) in records.iter().filter(|(_, value)| !value.is_empty()) {
            let number = || std::str::from_utf8(value).ok().and_then(|text| text.parse::<i64>().ok()).ok_or(HEADER);
            match key.as_str() {
                "path" => head.name = text(value),
                "linkpath" => head.link = text(value),
                "uid" => head.uid = number()?,
                "gid" => head.gid = number()?,
                "size" => head.size = u64::try_from(number()?).map_err(|_| HEADER)?,
                "mtime" => head.mtime = pax_time(value)?,
                key => {
                    if let Some(name) = key.strip_prefix("SCHILY.xattr.") {
                        xattrs.insert(name.to_owned(), value.clone());
                    }
                }
            }
        }
        head.name = long_name.filter(|name| !name.is_empty()).unwrap_or(head.name);
        head.link = long_link.filter(|name| !name.is_empty()).unwrap_or(head.link);
        if head.kind == 0 {
            head.kind = if head.name.ends_with('/') { b'5' } else { b'0' };
        }
        let has_data = !matches!(head.kind, b'1'..=b'6');
        let at = self.at;
        let mut data = Cow::Borrowed(self.take(if has_data { head.size } else { 0 })?);
        let mut at = has_data.then_some(at);
        if head.kind == b'0'
            && let Some(Sparse { name, whole }) = self.sparse(&records, &data)?
        {
            head.name = name.unwrap_or(head.name);
            (data, at) = (Cow::Owned(whole), None);
        }
        let id = |id: i64| u32::try_from(id).map_err(|_| HEADER);
        Ok(Member {
            mode: (head.mode & 0o7777) as u32,
            uid: id(head.uid)?,
            gid: id(head.gid)?,
            mtime: head.mtime.max(0),
            device: head.device,
            name: head.name,
            link: head.link,
            kind: head.kind,
            xattrs,
            data,
            at,
        })
    }

    /// A PAX sparse file (GNU tar's formats 0.0, 0.1 and 1.0); `None`: it is no such file.
    fn sparse(&self, records: &Records, data: &[u8]) -> Result<Option<Sparse>, String> {
        let value = |key: &str| records.get(key).map(|value| text(value));
        let version = (value("GNU.sparse.major"), value("GNU.sparse.minor"));
        let (numbers, content): (Vec<u64>, &[u8]) = match (version.0.as_deref(), version.1.as_deref()) {
            (Some("1"), Some("0")) => sparse_map(data)?,
            (Some("0"), Some("0" | "1")) | (None, None) => match value("GNU.sparse.map") {
                None => return Ok(None),
                Some(map) => (map.split(',').map(|number| number.parse().map_err(|_| HEADER)).collect::<Result<_, _>>()?, data),
            },
            _ => return Ok(None),
        };
        let size = value("GNU.sparse.realsize").or_else(|| value("GNU.sparse.size"));
        let size: u64 = size.and_then(|size| size.parse().ok()).ok_or(HEADER)?;
        if size > self.limit {
            return Err(format!("a sparse file of {size} bytes is more than the limit of {}", self.limit));
        }
        let mut whole = vec![0; usize::try_from(size).map_err(|_| HEADER)?];
        let mut rest = content;
        for pair in numbers.chunks(2) {
            let [offset, length] = *pair else { return Err(HEADER.into()) };
            let end = offset.checked_add(length).filter(|end| *end <= size).ok_or(HEADER)?;
            let (piece, after) = rest.split_at_checked(length as usize).ok_or(TRUNCATED)?;
            whole[offset as usize..end as usize].copy_from_slice(piece);
            rest = after;
        }
        Ok(Some(Sparse { name: value("GNU.sparse.name"), whole }))
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Member<'a>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let member = self.member();
        self.over = !matches!(member, Ok(Some(_)));
        member.transpose()
    }
}

/// A sparse file, its holes filled with zeros.
struct Sparse {
    name: Option<String>,
    whole: Vec<u8>,
}

/// The fields of a header block.
struct Head {
    name: String,
    link: String,
    kind: u8,
    mode: i64,
    uid: i64,
    gid: i64,
    size: u64,
    mtime: i64,
    device: (u32, u32),
}

impl Head {
    fn read(block: &[u8]) -> Result<Self, String> {
        let (mut unsigned, mut signed) = (0_i64, 0_i64);
        for (at, byte) in block.iter().enumerate() {
            let byte = if (148..156).contains(&at) { b' ' } else { *byte };
            unsigned += i64::from(byte);
            signed += i64::from(byte as i8);
        }
        let sum = octal(&block[148..156])?;
        if sum != unsigned && sum != signed {
            return Err(HEADER.into());
        }
        let is_ustar = &block[257..263] == b"ustar\0";
        let is_gnu = &block[257..265] == b"ustar  \0";
        let mut name = text(&block[..100]);
        if is_ustar {
            let star = &block[508..512] == b"tar\0";
            let prefix = text(&block[345..if star { 476 } else { 500 }]);
            if !prefix.is_empty() {
                name = format!("{prefix}/{name}");
            }
        }
        let device = |field: &[u8]| match is_ustar || is_gnu {
            true => numeric(field).map(|number| u32::try_from(number).unwrap_or(0)),
            false => Ok(0),
        };
        Ok(Self {
            name,
            link: text(&block[157..257]),
            kind: block[156],
            mode: numeric(&block[100..108])?,
            uid: numeric(&block[108..116])?,
            gid: numeric(&block[116..124])?,
            size: u64::try_from(numeric(&block[124..136])?).map_err(|_| HEADER)?,
            mtime: numeric(&block[136..148])?.checked_mul(NANOSECONDS).unwrap_or(0),
            device: (device(&block[329..337])?, device(&block[337..345])?),
        })
    }
}

/// A field up to its NUL. Bytes that are no UTF-8 become U+FFFD: names are text everywhere in the engine.
fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

/// Octal digits, or GNU's base 256.
fn numeric(field: &[u8]) -> Result<i64, String> {
    let Some(first) = field.first().filter(|first| **first & 0x80 != 0) else { return octal(field) };
    let negative = first & 0x40 != 0;
    let mut number: i64 = if negative { -1 } else { 0 };
    for (at, byte) in field.iter().enumerate() {
        let byte = if at == 0 { if negative { byte | 0x80 } else { byte & 0x7f } } else { *byte };
        number = number.checked_mul(256).ok_or(HEADER)? | i64::from(byte);
    }
    Ok(number)
}

fn octal(field: &[u8]) -> Result<i64, String> {
    let digits = text(field.trim_ascii());
    let digits = digits.trim_matches([' ', '\0']);
    if digits.is_empty() {
        return Ok(0);
    }
    digits.bytes().try_fold(0_i64, |number, digit| match digit {
        b'0'..=b'7' => number.checked_mul(8).map(|number| number + i64::from(digit - b'0')).ok_or_else(|| HEADER.to_owned()),
        _ => Err(HEADER.into()),
    })
}

/// PAX records by key; `GNU.sparse.offset` and `numbytes`, which repeat, are gathered as the map that they make.
type Records = BTreeMap<String, Vec<u8>>;

fn parse_records(bytes: &[u8]) -> Result<Records, String> {
    let mut records = Records::new();
    let mut rest = bytes;
    let mut map = String::new();
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ').ok_or(HEADER)?;
        let length: usize = std::str::from_utf8(&rest[..space]).ok().and_then(|digits| digits.parse().ok()).ok_or(HEADER)?;
        if length <= space + 1 {
            return Err(HEADER.into());
        }
        let (record, after) = rest.split_at_checked(length).ok_or(HEADER)?;
        let body = record[space + 1..].strip_suffix(b"\n").ok_or(HEADER)?;
        let equals = body.iter().position(|byte| *byte == b'=').filter(|at| *at > 0).ok_or(HEADER)?;
        let (key, value) = (text(&body[..equals]), &body[equals + 1..]);
        match key.as_str() {
            "GNU.sparse.offset" | "GNU.sparse.numbytes" => {
                map.push_str(if map.is_empty() { "" } else { "," });
                map.push_str(&text(value));
            }
            "path" | "linkpath" if value.contains(&0) => return Err(HEADER.into()),
            _ => drop(records.insert(key, value.to_vec())),
        }
        rest = after;
    }
    if !map.is_empty() {
        records.insert("GNU.sparse.map".into(), map.into_bytes());
    }
    Ok(records)
}

/// The map at the beginning of a sparse file of format 1.0, and what follows it.
fn sparse_map(data: &[u8]) -> Result<(Vec<u64>, &[u8]), String> {
    let mut at = 0;
    let mut number = || -> Result<u64, String> {
        let end = data.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')).ok_or(HEADER)?;
        let number = std::str::from_utf8(&data[at..at + end]).ok().and_then(|digits| digits.parse().ok()).ok_or(HEADER)?;
        at += end + 1;
        Ok(number)
    };
    let count = number()?;
    // Invariant: each number takes two bytes at least, so the count cannot be more than the data.
    if count > data.len() as u64 {
        return Err(HEADER.into());
    }
    let numbers = (0..count * 2).map(|_| number()).collect::<Result<Vec<_>, _>>()?;
    Ok((numbers, data.get(at.div_ceil(BLOCK) * BLOCK..).unwrap_or_default()))
}

/// `seconds[.fraction]` in nanoseconds; what does not fit is 0.
fn pax_time(value: &[u8]) -> Result<i64, String> {
    let value = std::str::from_utf8(value).map_err(|_| HEADER)?;
    let (seconds, fraction) = value.split_once('.').unwrap_or((value, ""));
    let seconds: i64 = seconds.parse().map_err(|_| HEADER)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(HEADER.into());
    }
    let fraction: i64 = format!("{fraction:0<9}")[..9].parse().map_err(|_| HEADER)?;
    let fraction = if value.starts_with('-') { -fraction } else { fraction };
    Ok(seconds.checked_mul(NANOSECONDS).and_then(|time| time.checked_add(fraction)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::super::tar::{END, Entry, EntryKind, header, padding};
    use super::*;

    fn archive(entries: &[(Entry<'_>, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (entry, data) in entries {
            header(entry, &mut |piece| out.extend_from_slice(piece));
            out.extend_from_slice(data);
            out.resize(out.len() + padding(data.len() as u64), 0);
        }
        out.extend(END);
        out
    }

    fn file(name: &str, size: u64) -> Entry<'_> {
        Entry { name: name.into(), kind: EntryKind::File { size }, mode: 0o4755, uid: 7, gid: 3_000_000, mtime: 9, capability: None }
    }

    #[test]
    fn what_is_written_is_read() {
        let long = format!("{}é/{}", "d".repeat(99), "f".repeat(120));
        let target = "t".repeat(150);
        let symlink = Entry { name: "l".into(), kind: EntryKind::Symlink(&target), ..Entry::default() };
        let device = Entry { name: "dev/".into(), kind: EntryKind::CharDevice { major: 1, minor: 3 }, ..Entry::default() };
        let with = Entry { capability: Some(&[1, 0, 2]), ..file("cap", 0) };
        let bytes = archive(&[(file(&long, 3), b"abc"), (symlink, b""), (device, b""), (with, b"")]);
        let members: Vec<_> = Reader::new(&bytes, 0).collect::<Result<_, _>>().expect("an archive");
        assert_eq!((members[0].name.as_str(), &*members[0].data), (long.as_str(), &b"abc"[..]));
        assert_eq!((members[0].mode, members[0].uid, members[0].gid, members[0].mtime), (0o4755, 7, 3_000_000, 9 * NANOSECONDS));
        assert_eq!((members[1].kind, members[1].link.len()), (b'2', 150));
        assert_eq!((members[2].kind, members[2].device), (b'3', (1, 3)));
        assert_eq!(members[3].xattrs["security.capability"], [1, 0, 2]);
    }

    #[test]
    fn broken_archives_have_gos_errors() {
        let good = archive(&[(file("a", 3), b"abc")]);
        let check = |bytes: &[u8], expect: &str| {
            let error = Reader::new(bytes, 0).find_map(Result::err);
            assert_eq!(error.as_deref().unwrap_or("none"), expect);
        };
        check(&good, "none");
        check(&[], "none");
        check(&good[..1024], "none");
        check(&good[..514], "unexpected EOF");
        check(&good[..100], "unexpected EOF");
        check(&[b'x'; 512], HEADER);
        let mut lying = archive(&[(file("a", u64::from(u32::MAX)), b"")]);
        check(&lying, "unexpected EOF");
        lying[124] = 0xff;
        check(&lying, HEADER);
    }

    #[test]
    fn times_and_numbers() {
        assert_eq!(pax_time(b"12.5"), Ok(12_500_000_000));
        assert_eq!(pax_time(b"-1.25"), Ok(-1_250_000_000));
        assert_eq!(pax_time(b"99999999999999"), Ok(0));
        assert_eq!(pax_time(b"x"), Err(HEADER.into()));
        assert_eq!(numeric(b"\x80\0\0\0\0\0\x01\0"), Ok(256));
        assert_eq!(numeric(b"\xff\xff\xff\xff\xff\xff\xff\xfe"), Ok(-2));
        assert_eq!(numeric(b" 755 \0\0\0"), Ok(0o755));
    }

    fn record(key: &str, value: &str) -> String {
        let rest = format!(" {key}={value}\n");
        format!("{}{rest}", rest.len() + 2)
    }

    #[test]
    fn sparse_files_are_filled_with_zeros() {
        let sparse = |records: &str, data: &[u8]| {
            let mut bytes = Vec::new();
            header(&file("PaxHeaders/x", records.len() as u64), &mut |piece| bytes.extend_from_slice(piece));
            bytes.drain(..bytes.len() - BLOCK);
            bytes[156] = b'x';
            bytes[148..156].fill(b' ');
            let sum: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
            bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            bytes.extend(records.as_bytes());
            bytes.resize(bytes.len() + padding(records.len() as u64), 0);
            bytes.extend(archive(&[(Entry { gid: 0, ..file("s", data.len() as u64) }, data)]));
            Reader::new(&bytes, 100).next().expect("an entry").map(|member| (member.name.clone(), member.data.to_vec()))
        };
        let pieces = record("GNU.sparse.map", "1,2,5,1") + &record("GNU.sparse.size", "7") + &record("GNU.sparse.name", "real");
        assert_eq!(sparse(&pieces, b"abc"), Ok(("real".into(), b"\0ab\0\0c\0".to_vec())));
        let version = record("GNU.sparse.major", "1") + &record("GNU.sparse.minor", "0") + &record("GNU.sparse.realsize", "6");
        let mut data = b"1\n4\n2\n".to_vec();
        data.resize(512, 0);
        data.extend(b"xy");
        assert_eq!(sparse(&version, &data), Ok(("s".into(), b"\0\0\0\0xy".to_vec())));
        assert!(sparse(&record("GNU.sparse.map", "1,9"), b"").is_err());
        let huge = record("GNU.sparse.map", "0,0") + &record("GNU.sparse.size", "99999");
        assert!(sparse(&huge, b"").is_err_and(|error| error.contains("more than the limit")));
    }
}
