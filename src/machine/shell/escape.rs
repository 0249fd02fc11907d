//! Backslash escapes of `echo -e`, `printf` and `$'…'`.

/// All escapes replaced; bytes above 127 become the characters of the same number.
pub fn unescape(text: &str) -> String {
    String::from_utf8_lossy(&unescape_bytes(text, false).0).into_owned()
}

/// The same, but for escapes that stay as they are.
pub fn unescape_but(kept: &str, text: &str, octal_zero: bool) -> (Vec<u8>, bool) {
    let mut marked = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        marked.push(c);
        if c == '\\' {
            match chars.next() {
                Some(next) if kept.contains(next) => marked.extend(['\\', next]),
                next => marked.extend(next),
            }
        }
    }
    unescape_bytes(&marked, octal_zero)
}

/// All escapes replaced, and whether `\c` ended the output. `octal_zero`: octal escapes are `\0NNN` (echo, `%b`) as well as `\NNN`.
pub fn unescape_bytes(text: &str, octal_zero: bool) -> (Vec<u8>, bool) {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] != b'\\' || i + 1 >= bytes.len() {
            out.push(bytes[i]);
            i += 1;
            continue;
        }
        i += 2;
        match bytes[i - 1] {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'v' => out.push(11),
            b'e' | b'E' => out.push(27),
            b'\\' => out.push(b'\\'),
            b'\'' if !octal_zero => out.push(b'\''),
            b'"' if !octal_zero => out.push(b'"'),
            b'?' if !octal_zero => out.push(b'?'),
            b'c' => return (out, true),
            b'x' => {
                let digits = bytes[i..].iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
                match u8::from_str_radix(&text[i..i + digits], 16) {
                    Ok(value) => out.push(value),
                    Err(_) => out.extend_from_slice(b"\\x"),
                }
                i += digits;
            }
            c @ b'0'..=b'7' => {
                let start = if octal_zero && c == b'0' { i } else { i - 1 };
                let digits = bytes[start..].iter().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
                out.push(u32::from_str_radix(&text[start..start + digits], 8).unwrap_or(0) as u8);
                i = start + digits;
            }
            c => out.extend([b'\\', c]),
        }
    }
    (out, false)
}
