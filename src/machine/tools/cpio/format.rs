//! The formats of cpio: newc, crc, odc and the old binary one.

/// How an archive is written.
#[derive(Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum Format {
    Newc,
    Crc,
    Odc,
    Binary,
}

/// A member of an archive.
#[derive(Default)]
#[allow(missing_docs)]
pub struct Member {
    pub name: String,
    pub inode: u64,
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub links: u32,
    pub mtime: i64,
    pub device: (u32, u32),
    pub data: Vec<u8>,
}

/// Zeros up to the next multiple.
pub fn pad(out: &mut Vec<u8>, to: usize) {
    out.resize(out.len().next_multiple_of(to), 0);
}

/// Writes a member.
pub fn put(out: &mut Vec<u8>, m: &Member, format: Format) {
    let name = m.name.len() + 1;
    match format {
        Format::Newc | Format::Crc => {
            out.extend(if format == Format::Crc { b"070702" } else { b"070701" });
            let check = if format == Format::Crc { m.data.iter().fold(0u32, |s, b| s.wrapping_add(u32::from(*b))) } else { 0 };
            let fields = [
                m.inode as u32,
                m.mode,
                m.uid,
                m.gid,
                m.links,
                m.mtime as u32,
                m.data.len() as u32,
                0,
                0,
                m.device.0,
                m.device.1,
                name as u32,
                check,
            ];
            fields.iter().for_each(|f| out.extend(format!("{f:08X}").bytes()));
        }
        Format::Odc => {
            let rdev = m.device.0 << 8 | m.device.1;
            let head = format!(
                "070707{:06o}{:06o}{:06o}{:06o}{:06o}{:06o}{rdev:06o}{:011o}{name:06o}{:011o}",
                0,
                m.inode & 0o777_777,
                m.mode,
                m.uid,
                m.gid,
                m.links,
                m.mtime,
                m.data.len()
            );
            out.extend(head.bytes());
        }
        Format::Binary => {
            let rdev = m.device.0 << 8 | m.device.1;
            let (time, size) = (m.mtime as u32, m.data.len() as u32);
            let fields =
                [0o070_707, 0, m.inode as u32, m.mode, m.uid, m.gid, m.links, rdev, time >> 16, time, name as u32, size >> 16, size];
            fields.iter().for_each(|f| out.extend((*f as u16).to_le_bytes()));
        }
    }
    out.extend(m.name.bytes());
    out.push(0);
    let step = match format {
        Format::Newc | Format::Crc => 4,
        Format::Odc => 1,
        Format::Binary => 2,
    };
    pad(out, step);
    out.extend_from_slice(&m.data);
    pad(out, step);
}

/// The next member of an archive, and where the one after it begins; `None` where there is none.
pub fn next(data: &[u8], mut at: usize) -> Option<(Member, usize)> {
    while data.get(at) == Some(&0) {
        at += 1;
    }
    let number = |from: usize, len: usize, base: u32| {
        let digits = std::str::from_utf8(data.get(at + from..at + from + len)?).ok()?;
        u64::from_str_radix(digits, base).ok()
    };
    let half = |i: usize| Some(u32::from(u16::from_le_bytes([*data.get(at + 2 * i)?, *data.get(at + 2 * i + 1)?])));
    let mut m = Member::default();
    let (head, name, size, step) = match data.get(at..at + 6)? {
        b"070701" | b"070702" => {
            let field = |i: usize| number(6 + 8 * i, 8, 16);
            (m.inode, m.mode, m.uid, m.gid) = (field(0)?, field(1)? as u32, field(2)? as u32, field(3)? as u32);
            (m.links, m.mtime, m.device) = (field(4)? as u32, field(5)? as i64, (field(9)? as u32, field(10)? as u32));
            (110, field(11)? as usize, field(6)? as usize, 4)
        }
        b"070707" => {
            let field = |from: usize| number(from, 6, 8);
            (m.inode, m.mode, m.uid, m.gid) = (field(12)?, field(18)? as u32, field(24)? as u32, field(30)? as u32);
            let rdev = field(42)? as u32;
            (m.links, m.mtime, m.device) = (field(36)? as u32, number(48, 11, 8)? as i64, (rdev >> 8, rdev & 255));
            (76, field(59)? as usize, number(65, 11, 8)? as usize, 1)
        }
        [0xc7, 0x71, ..] => {
            (m.inode, m.mode, m.uid, m.gid) = (half(2)?.into(), half(3)?, half(4)?, half(5)?);
            let rdev = half(7)?;
            (m.links, m.mtime, m.device) = (half(6)?, (half(8)? << 16 | half(9)?).into(), (rdev >> 8, rdev & 255));
            (26, half(10)? as usize, (half(11)? << 16 | half(12)?) as usize, 2)
        }
        _ => return None,
    };
    m.name = String::from_utf8_lossy(data.get(at + head..at + head + name.checked_sub(1)?)?).into_owned();
    let start = at + (head + name).next_multiple_of(step);
    m.data = data.get(start..start.checked_add(size)?)?.to_vec();
    Some((m, start + size.next_multiple_of(step)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_as_written() {
        for format in [Format::Newc, Format::Crc, Format::Odc, Format::Binary] {
            let member =
                Member { name: "a/b".into(), mode: 0o100_644, uid: 5, mtime: 77, links: 1, data: b"hello".to_vec(), ..Member::default() };
            let mut out = Vec::new();
            put(&mut out, &member, format);
            let len = out.len();
            put(&mut out, &Member { name: "TRAILER!!!".into(), ..Member::default() }, format);
            let (read, end) = next(&out, 0).expect("a member");
            assert_eq!(
                (read.name.as_str(), read.mode, read.uid, read.mtime, read.data.as_slice(), end),
                ("a/b", 0o100_644, 5, 77, &b"hello"[..], len)
            );
            assert_eq!(next(&out, end).expect("the end").0.name, "TRAILER!!!");
        }
    }
}
