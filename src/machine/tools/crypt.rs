//! Hashes of passwords: crypt's MD5 (`$1$`, `$apr1$`), SHA-256 (`$5$`) and SHA-512 (`$6$`), as their specifications say.

use sha2::Digest;

use super::digest::md5;

const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Rounds of the SHA hashes, where the salt says nothing else.
const ROUNDS: u64 = 5000;
/// More than this is not computed.
const MAX_ROUNDS: u64 = 100_000;

/// Three bytes as digits of 64, the lowest first.
fn digits(a: u8, b: u8, c: u8, many: usize, out: &mut String) {
    let word = u32::from(a) << 16 | u32::from(b) << 8 | u32::from(c);
    (0..many).for_each(|i| out.push(ALPHABET[(word >> (6 * i) & 63) as usize] as char));
}

/// A salt of `len` letters from a source of random numbers.
pub fn salt(len: usize, mut random: impl FnMut() -> u64) -> String {
    (0..len).map(|_| ALPHABET[(random() & 63) as usize] as char).collect()
}

/// The hash of `word` as `$ID$…`; `None` for a method that is not known.
pub fn hash(method: &str, word: &[u8], salt: &str) -> Option<String> {
    match method {
        "1" | "apr1" => Some(md5_hash(method, word, &salt[..salt.len().min(8)])),
        "5" | "6" => sha_hash(method, word, salt),
        _ => None,
    }
}

fn md5_hash(method: &str, word: &[u8], salt: &str) -> String {
    let salt = salt.as_bytes();
    let inner = md5(&[word, salt, word].concat());
    let mut text = [word, b"$", method.as_bytes(), b"$", salt].concat();
    text.extend((0..word.len()).map(|i| inner[i % 16]));
    let mut bits = word.len();
    while bits > 0 {
        text.push(if bits & 1 == 1 { 0 } else { word[0] });
        bits >>= 1;
    }
    let mut sum = md5(&text);
    for i in 0..1000 {
        let mut text = if i % 2 == 1 { word.to_vec() } else { sum.clone() };
        if i % 3 != 0 {
            text.extend_from_slice(salt);
        }
        if i % 7 != 0 {
            text.extend_from_slice(word);
        }
        text.extend_from_slice(if i % 2 == 1 { &sum } else { word });
        sum = md5(&text);
    }
    let mut out = format!("${method}${}$", String::from_utf8_lossy(salt));
    for i in 0..5 {
        let last = if i == 4 { 5 } else { i + 12 };
        digits(sum[i], sum[i + 6], sum[last], 4, &mut out);
    }
    digits(0, 0, sum[11], 2, &mut out);
    out
}

fn sha_hash(method: &str, word: &[u8], salt: &str) -> Option<String> {
    let (rounds, salt) = match salt.strip_prefix("rounds=").and_then(|r| r.split_once('$')) {
        Some((rounds, salt)) => (Some(rounds.parse::<u64>().ok()?.clamp(1000, 999_999_999)), salt),
        None => (None, salt),
    };
    if rounds.is_some_and(|r| r > MAX_ROUNDS) {
        return None;
    }
    let shown = &salt[..salt.len().min(16)];
    let salt = shown.as_bytes();
    let sha = |data: &[u8]| if method == "5" { sha2::Sha256::digest(data).to_vec() } else { sha2::Sha512::digest(data).to_vec() };
    let size = if method == "5" { 32 } else { 64 };
    let fill = |sum: &[u8], len: usize| -> Vec<u8> { (0..len).map(|i| sum[i % size]).collect() };
    let inner = sha(&[word, salt, word].concat());
    let mut text = [word, salt, &fill(&inner, word.len())].concat();
    let mut bits = word.len();
    while bits > 0 {
        text.extend_from_slice(if bits & 1 == 1 { &inner } else { word });
        bits >>= 1;
    }
    let mut sum = sha(&text);
    let words = fill(&sha(&word.repeat(word.len())), word.len());
    let salts = fill(&sha(&salt.repeat(16 + usize::from(sum[0]))), salt.len());
    for i in 0..rounds.unwrap_or(ROUNDS) {
        let mut text = if i % 2 == 1 { words.clone() } else { sum.clone() };
        if i % 3 != 0 {
            text.extend_from_slice(&salts);
        }
        if i % 7 != 0 {
            text.extend_from_slice(&words);
        }
        text.extend_from_slice(if i % 2 == 1 { &sum } else { &words });
        sum = sha(&text);
    }
    let rounds = rounds.map_or(String::new(), |r| format!("rounds={r}$"));
    let mut out = format!("${method}${rounds}{shown}$");
    // Bytes a third apart, turned on by one each time.
    let third = size / 3;
    let (mut a, mut b, mut c) = (0, third, 2 * third);
    for _ in 0..third {
        digits(sum[a], sum[b], sum[c], 4, &mut out);
        (a, b, c) = if method == "5" { (c + 1, a + 1, b + 1) } else { (b + 1, c + 1, a + 1) };
    }
    if method == "5" {
        digits(0, sum[31], sum[30], 3, &mut out)
    } else {
        digits(0, 0, sum[63], 2, &mut out)
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn known_hashes() {
        for (method, salt, expect) in [
            ("1", "abcdefgh", "$1$abcdefgh$IQtUouv7y7Q9dRWkQEPCc."),
            ("apr1", "abcdefgh", "$apr1$abcdefgh$5VEbMkemELfbhC5ck.U.z1"),
            ("5", "abcdefgh", "$5$abcdefgh$ijtOJ//yvc/9bq1g0llFn9dB688BwBDRD90DlKKSKE1"),
            ("6", "x", "$6$x$jE.dnWzY4A.VVVdnDvbfQSKWHoeutF3E6Lrx7j1bsFe0UqiNgLliOYeKnygX1noFzyqqm.nyq6wejbmdAzjrc."),
        ] {
            assert_eq!(hash(method, b"pw", salt).as_deref(), Some(expect));
        }
    }
}
