//! What of a step's output is logged: a builder clips what is too much, or comes too fast. BuildKit's `util/progress/logs`.

use std::time::Duration;

/// Bytes of a stream that are logged at most.
const SIZE: usize = 2 << 20;
/// Bytes of a stream that are logged for each second that has begun.
const SPEED: usize = 200 << 10;

/// A stream so far.
#[derive(Default)]
pub struct Clip {
    size: usize,
    clipping: bool,
}

impl Clip {
    /// What is logged of a piece that is written so long after the step began; empty: nothing.
    pub fn log(&mut self, after: Duration, data: &[u8]) -> Vec<u8> {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0 || after.is_zero());
        let allowed = SPEED.saturating_mul(usize::try_from(seconds).unwrap_or(usize::MAX));
        let (limit, name) = if allowed > SIZE { (SIZE, "2MiB") } else { (allowed, "200KiB/s") };
        let rest = limit.saturating_sub(self.size);
        self.size = self.size.saturating_add(data.len());
        if data.len() <= rest {
            self.clipping = false;
            return data.to_vec();
        }
        let mut logged = data[..rest].to_vec();
        if !std::mem::replace(&mut self.clipping, true) {
            logged.extend_from_slice(["\n[output clipped, log limit ", name, " reached]\n"].concat().as_bytes());
        }
        logged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces as (seconds, bytes) -> how many bytes of each are logged.
    fn check(pieces: &[(f64, usize)], expect: &[usize]) {
        let mut clip = Clip::default();
        let log = |(at, size): &(f64, usize)| clip.log(Duration::from_secs_f64(*at), &vec![b'x'; *size]).len();
        assert_eq!(pieces.iter().map(log).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn too_fast_and_too_much() {
        check(&[(0.1, 100), (0.1, 204_700), (0.5, 0)], &[100, 204_700, 0]);
        let text = "\n[output clipped, log limit 200KiB/s reached]\n".len();
        check(&[(0.1, 300_000), (0.2, 10), (1.5, 10)], &[204_800 + text, 0, 10]);
        check(&[(60.0, 3_000_000), (90.0, 5)], &[2_097_152 + text - 4, 0]);
        assert_eq!(Clip::default().log(Duration::ZERO, b"a"), b"a");
    }
}
