//! Go's `strconv.ParseBool` and `ParseUint`, as far as Docker's flags use them.

/// Go's `strconv.ParseBool`.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// Go's `strconv.ParseUint(text, 10, bits)`: digits only, no sign.
pub fn parse_uint(text: &str, bits: u32) -> Option<u64> {
    radix(text, 10, bits)
}

/// Go's `strconv.ParseUint(text, 8, bits)`.
pub fn parse_octal(text: &str, bits: u32) -> Option<u64> {
    radix(text, 8, bits)
}

fn radix(text: &str, radix: u32, bits: u32) -> Option<u64> {
    if text.starts_with('+') {
        return None;
    }
    u64::from_str_radix(text, radix).ok().filter(|n| bits >= 64 || n >> bits == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sign_and_no_overflow() {
        assert_eq!(parse_uint("65535", 16), Some(65535));
        assert_eq!(parse_uint("65536", 16), None);
        assert_eq!(parse_uint("+1", 16), None);
        assert_eq!(parse_octal("0755", 32), Some(0o755));
    }
}
