//! Bytes told apart fast, four lanes of 64 bits as xxHash has them: for keys that nobody outside sees. No protection against
//! someone who looks for two texts with one fingerprint; what leaves the engine has a [`super::Digest`].

const P1: u64 = 0x9e37_79b1_85eb_ca87;
const P2: u64 = 0xc2b2_ae3d_27d4_eb4f;
const P3: u64 = 0x1656_67b1_9e37_79f9;

/// Four words: what is taken at a time.
type Stripe = [[u8; 8]; 4];

/// The whole stripes of the bytes, and the rest.
fn stripes(bytes: &[u8]) -> (&[Stripe], &[u8]) {
    let stripes = bytes.as_chunks().0.as_chunks().0;
    (stripes, &bytes[size_of_val(stripes)..])
}

/// 128 bits of the bytes.
pub fn fingerprint(bytes: &[u8]) -> [u8; 16] {
    let mut lanes = [P1, P2, P3, bytes.len() as u64];
    let (stripes, rest) = stripes(bytes);
    for stripe in stripes {
        lanes = taken(lanes, stripe);
    }
    let mut last = Stripe::default();
    last.as_flattened_mut()[..rest.len()].copy_from_slice(rest);
    lanes = taken(lanes, &last);
    let half = |seed: u64| lanes.iter().fold(seed, |sum, lane| mixed((sum ^ mixed(*lane)).wrapping_mul(P1).wrapping_add(P3)));
    let [one, two] = [half(P2), half(P3)];
    let mut out = [0; 16];
    out[..8].copy_from_slice(&one.to_le_bytes());
    out[8..].copy_from_slice(&two.to_le_bytes());
    out
}

/// Written out lane by lane, and in the loop: a compiler that is asked for little code would go through memory.
#[inline(always)]
fn taken([a, b, c, d]: [u64; 4], [one, two, three, four]: &Stripe) -> [u64; 4] {
    [round(a, *one), round(b, *two), round(c, *three), round(d, *four)]
}

#[inline(always)]
fn round(lane: u64, word: [u8; 8]) -> u64 {
    lane.wrapping_add(u64::from_le_bytes(word).wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1)
}

/// Whether both are equal, in steps that a page's engine takes fast as well.
pub fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    let ((some, rest), (others, other_rest)) = (stripes(a), stripes(b));
    if some.len() != others.len() || rest != other_rest {
        return false;
    }
    for ([a0, a1, a2, a3], [b0, b1, b2, b3]) in some.iter().zip(others) {
        if differing(*a0, *b0) | differing(*a1, *b1) | differing(*a2, *b2) | differing(*a3, *b3) != 0 {
            return false;
        }
    }
    true
}

#[inline(always)]
fn differing(a: [u8; 8], b: [u8; 8]) -> u64 {
    u64::from_le_bytes(a) ^ u64::from_le_bytes(b)
}

/// Every bit of the input in every bit of the output.
fn mixed(mut word: u64) -> u64 {
    word = (word ^ word >> 33).wrapping_mul(P2);
    word = (word ^ word >> 29).wrapping_mul(P3);
    word ^ word >> 32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn one_bit_or_one_byte_more_makes_another() {
        let base: Vec<u8> = (0..100_u8).map(|n| n.wrapping_mul(7) | 1).collect();
        let mut seen = BTreeSet::new();
        for len in 0..=base.len() {
            assert!(seen.insert(fingerprint(&base[..len])), "{len} bytes");
            assert!(len == 0 || seen.insert(fingerprint(&vec![0; len])), "{len} zeros");
        }
        for bit in 0..base.len() * 8 {
            let mut other = base.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(seen.insert(fingerprint(&other)), "bit {bit}");
        }
        for (one, two) in [(0, 32), (1, 97), (40, 41)] {
            let mut other = base.clone();
            other.swap(one, two);
            assert!(seen.insert(fingerprint(&other)), "{one} and {two} swapped");
        }
    }

    #[test]
    fn equal_means_every_byte() {
        let base: Vec<u8> = (0..100).collect();
        for len in 0..=base.len() {
            assert!(same_bytes(&base[..len], &base.clone()[..len]));
            assert_eq!(same_bytes(&base[..len], &base), len == base.len());
        }
        for at in 0..base.len() {
            let mut other = base.clone();
            other[at] ^= 1;
            assert!(!same_bytes(&base, &other), "{at}");
        }
    }

    #[test]
    fn a_bit_changes_half_of_the_bits() {
        let base = [5; 64];
        let mut changed = 0;
        for bit in 0..512 {
            let mut other = base;
            other[bit / 8] ^= 1 << (bit % 8);
            let bits = fingerprint(&base).iter().zip(fingerprint(&other)).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
            assert!((30..100).contains(&bits), "bit {bit}: {bits} of 128");
            changed += bits;
        }
        assert!((60..68).contains(&(changed / 512)));
    }
}
