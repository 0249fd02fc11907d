//! tar archives: members read from bytes, and headers as GNU and busybox write them.

/// Bytes of a block.
pub const BLOCK: usize = 512;

/// A member of an archive.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// Its path.
    pub name: String,
    /// `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` directory, `6` fifo.
    pub kind: u8,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// The owner's name, perhaps empty.
    pub user: String,
    /// The group's name, perhaps empty.
    pub group: String,
    /// Seconds since 1970.
    pub mtime: i64,
    /// The target of a link.
    pub link: String,
    /// Of a device.
    pub device: (u32, u32),
    /// Where its bytes begin.
    pub start: usize,
    /// How many there are.
    pub size: usize,
}

/// The members of an archive, and whether it ends as it should.
pub fn read(data: &[u8]) -> (Vec<Member>, bool) {
    let mut members = Vec::new();
    let mut at = 0;
    let (mut name, mut link) = (None, None);
    let mut records: Vec<(String, String)> = Vec::new();
    loop {
        let Some(head) = data.get(at..at + BLOCK) else { return (members, false) };
        if head.iter().all(|b| *b == 0) {
            // Two blocks of zeros end an archive; one does at the end of the file.
            return (members, !(1..BLOCK).contains(&(data.len() - at - BLOCK)));
        }
        let sum: u32 = head.iter().enumerate().map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) }).sum();
        if number(&head[148..156]) != u64::from(sum) {
            return (members, false);
        }
        let mut member = parse(head);
        for (key, value) in &records {
            match key.as_str() {
                "path" => member.name.clone_from(value),
                "linkpath" => member.link.clone_from(value),
                "size" => member.size = value.parse().unwrap_or(member.size),
                "uid" => member.uid = value.parse().unwrap_or(member.uid),
                "gid" => member.gid = value.parse().unwrap_or(member.gid),
                "uname" => member.user.clone_from(value),
                "gname" => member.group.clone_from(value),
                "mtime" => member.mtime = value.split('.').next().and_then(|s| s.parse().ok()).unwrap_or(member.mtime),
                _ => {}
            }
        }
        at += BLOCK;
        let Some(end) = at.checked_add(member.size).filter(|end| *end <= data.len()) else { return (members, false) };
        let body = || String::from_utf8_lossy(&data[at..end]).trim_end_matches('\0').to_owned();
        match head[156] {
            b'L' => name = Some(body()),
            b'K' => link = Some(body()),
            b'x' => records = pax(&body()),
            b'g' | b'V' | b'M' | b'N' => {}
            _ => {
                member.start = at;
                member.name = name.take().unwrap_or(member.name);
                member.link = link.take().unwrap_or(member.link);
                records.clear();
                // Old archives mark folders by their names alone.
                if member.kind == b'0' && member.name.ends_with('/') {
                    member.kind = b'5';
                }
                members.push(member);
            }
        }
        at = end.next_multiple_of(BLOCK);
    }
}

fn pax(text: &str) -> Vec<(String, String)> {
    let mut records = Vec::new();
    let mut rest = text;
    while let Some((length, _)) = rest.split_once(' ') {
        let Some(record) = length.parse::<usize>().ok().and_then(|l| rest.get(length.len() + 1..l)) else { break };
        if let Some((key, value)) = record.trim_end_matches('\n').split_once('=') {
            records.push((key.to_owned(), value.to_owned()));
        }
        rest = &rest[length.len() + 1 + record.len()..];
    }
    records
}

fn parse(head: &[u8]) -> Member {
    let text = |from: usize, to: usize| {
        let field = &head[from..to];
        let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
        String::from_utf8_lossy(&field[..end]).into_owned()
    };
    let mut name = text(0, 100);
    let prefix = text(345, 500);
    if &head[257..263] == b"ustar\0" && !prefix.is_empty() {
        name = format!("{prefix}/{name}");
    }
    let kind = match head[156] {
        0 | b'7' => b'0',
        kind => kind,
    };
    let size = if matches!(kind, b'1'..=b'6') { 0 } else { number(&head[124..136]) as usize };
    Member {
        name,
        kind,
        mode: number(&head[100..108]) as u32 & 0o7777,
        uid: number(&head[108..116]) as u32,
        gid: number(&head[116..124]) as u32,
        user: text(265, 297),
        group: text(297, 329),
        mtime: number(&head[136..148]) as i64,
        link: text(157, 257),
        device: (number(&head[329..337]) as u32, number(&head[337..345]) as u32),
        start: 0,
        size,
    }
}

/// An octal number, or one in base 256.
fn number(field: &[u8]) -> u64 {
    if field[0] & 0x80 != 0 {
        return field.iter().skip(1).fold(u64::from(field[0] & 0x7f), |n, b| n << 8 | u64::from(*b));
    }
    let digits = field.iter().skip_while(|b| **b == b' ').take_while(|b| matches!(b, b'0'..=b'7'));
    digits.fold(0, |n, b| n << 3 | u64::from(b - b'0'))
}

/// The header of a member in GNU's format: long names stand in members of their own before it.
pub fn header(member: &Member) -> Vec<u8> {
    let mut out = Vec::new();
    for (kind, text) in [(b'K', &member.link), (b'L', &member.name)] {
        if text.len() > 100 {
            let long = Member { name: "././@LongLink".into(), kind, size: text.len() + 1, ..Member::default() };
            out.extend(block(&long));
            out.extend_from_slice(text.as_bytes());
            out.push(0);
            out.resize(out.len().next_multiple_of(BLOCK), 0);
        }
    }
    out.extend(block(member));
    out
}

fn block(member: &Member) -> [u8; BLOCK] {
    let mut out = [0; BLOCK];
    let mut put = |at: usize, limit: usize, text: &[u8]| {
        let length = text.len().min(limit);
        out[at..at + length].copy_from_slice(&text[..length]);
    };
    put(0, 100, member.name.as_bytes());
    let fields = [
        (100, 7, u64::from(member.mode)),
        (108, 7, member.uid.into()),
        (116, 7, member.gid.into()),
        (124, 11, member.size as u64),
        (136, 11, member.mtime.max(0).unsigned_abs()),
    ];
    for (at, digits, value) in fields {
        put(at, digits, format!("{value:0digits$o}").as_bytes());
    }
    put(156, 1, &[member.kind]);
    put(157, 100, member.link.as_bytes());
    put(257, 8, b"ustar  \0");
    put(265, 31, member.user.as_bytes());
    put(297, 31, member.group.as_bytes());
    if matches!(member.kind, b'3' | b'4') {
        put(329, 7, format!("{:07o}", member.device.0).as_bytes());
        put(337, 7, format!("{:07o}", member.device.1).as_bytes());
    }
    out[148..156].fill(b' ');
    let sum: u32 = out.iter().map(|b| u32::from(*b)).sum();
    out[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let long = "d/".repeat(80) + "f";
        let member =
            Member { name: long.clone(), kind: b'0', mode: 0o4755, uid: 7, size: 3, mtime: 9, user: "me".into(), ..Member::default() };
        let mut data = header(&member);
        data.extend(b"abc");
        data.resize(data.len().next_multiple_of(BLOCK) + 2 * BLOCK, 0);
        let (members, whole) = read(&data);
        assert!(whole);
        let [m] = members.as_slice() else { panic!("one member") };
        assert_eq!((m.name.as_str(), m.mode, m.uid, m.mtime, m.user.as_str()), (long.as_str(), 0o4755, 7, 9, "me"));
        assert_eq!(&data[m.start..m.start + m.size], b"abc");
        assert!(!read(b"junk").1);
    }
}
