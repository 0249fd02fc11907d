//! Decimal numbers of any length, as bc and dc count.

use std::cmp::Ordering;

/// A number: `digits / 10^scale`, no leading zeros; nothing is zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Number {
    /// Below zero.
    pub negative: bool,
    /// From the left.
    digits: Vec<u8>,
    /// How many digits stand behind the point.
    pub scale: usize,
}

fn trim(mut digits: Vec<u8>) -> Vec<u8> {
    let zeros = digits.iter().take_while(|d| **d == 0).count();
    digits.drain(..zeros);
    digits
}

fn order(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let len = a.len().max(b.len()) + 1;
    let mut out = vec![0; len];
    let mut carry = 0;
    for i in 0..len {
        let digit = |d: &[u8]| d.len().checked_sub(i + 1).map_or(0, |at| d[at]);
        let n = digit(a) + digit(b) + carry;
        out[len - 1 - i] = n % 10;
        carry = n / 10;
    }
    trim(out)
}

/// `a - b`, where `a` is not the smaller one.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut out = a.to_vec();
    let mut borrow = 0i8;
    for i in 0..a.len() {
        let at = a.len() - 1 - i;
        let n = a[at] as i8 - borrow - b.len().checked_sub(i + 1).map_or(0, |at| b[at]) as i8;
        borrow = i8::from(n < 0);
        out[at] = (n + 10 * borrow) as u8;
    }
    trim(out)
}

fn product(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut cells = vec![0u64; a.len() + b.len()];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            cells[i + j + 1] += u64::from(*x) * u64::from(*y);
        }
    }
    let mut carry = 0;
    for cell in cells.iter_mut().rev() {
        *cell += carry;
        carry = *cell / 10;
        *cell %= 10;
    }
    trim(cells.into_iter().map(|c| c as u8).collect())
}

/// Quotient and remainder; `b` is not zero.
fn quotient(a: &[u8], b: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut out, mut rest) = (Vec::with_capacity(a.len()), Vec::new());
    for digit in a {
        if !rest.is_empty() || *digit > 0 {
            rest.push(*digit);
        }
        let mut times = 0;
        while order(&rest, b).is_ge() {
            rest = difference(&rest, b);
            times += 1;
        }
        out.push(times);
    }
    (trim(out), rest)
}

impl From<u64> for Number {
    fn from(n: u64) -> Self {
        Self { negative: false, digits: trim(n.to_string().bytes().map(|b| b - b'0').collect()), scale: 0 }
    }
}

impl Number {
    /// What `text` says in a base: digits up to F, a point, a sign.
    pub fn parse(text: &str, base: u32) -> Self {
        let (negative, text) = text.strip_prefix(['-', '_']).map_or((false, text), |t| (true, t));
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let value = |c: char, most: u32| c.to_digit(36).unwrap_or(0).min(most);
        if base == 10 {
            // A lone letter means what it is, within a longer number nine at most.
            let single = text.len() == 1;
            let digits = whole.chars().chain(part.chars()).map(|c| value(c, if single { 35 } else { 9 }));
            let digits = digits.fold(Vec::new(), |mut all: Vec<u8>, d| {
                if d > 9 {
                    all.extend([(d / 10) as u8, (d % 10) as u8])
                } else {
                    all.push(d as u8)
                }
                all
            });
            return Self { negative, digits: trim(digits), scale: part.len() }.clean();
        }
        let single = text.len() == 1;
        let base_number = Self::from(u64::from(base));
        let read = |digits: &str| {
            digits.chars().fold(Self::default(), |n, c| {
                n.times(&base_number, 0).plus(&Self::from(u64::from(value(c, if single { 35 } else { base - 1 }))))
            })
        };
        let mut number = read(whole);
        if !part.is_empty() {
            let below = base_number.power(part.len() as i64, 0);
            number = number.plus(&read(part).over(&below, part.len()).unwrap_or_default());
        }
        number.negative = negative;
        number.clean()
    }

    fn clean(mut self) -> Self {
        self.negative &= !self.digits.is_empty();
        self
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Digits before and behind the point, as `length` counts.
    pub fn len(&self) -> usize {
        self.digits.len().max(self.scale).max(1)
    }

    /// How many digits stand before the point.
    pub fn whole_digits(&self) -> usize {
        self.digits.len().saturating_sub(self.scale)
    }

    /// With exactly `scale` digits behind the point.
    pub fn with_scale(&self, scale: usize) -> Self {
        let mut digits = self.digits.clone();
        if scale >= self.scale {
            if !digits.is_empty() {
                digits.resize(digits.len() + scale - self.scale, 0);
            }
        } else {
            digits.truncate(digits.len().saturating_sub(self.scale - scale));
        }
        Self { negative: self.negative, digits, scale }.clean()
    }

    /// With at most `scale` digits behind the point.
    pub fn cut(&self, scale: usize) -> Self {
        if self.scale > scale { self.with_scale(scale) } else { self.clone() }
    }

    /// The whole part as a machine's number.
    pub fn small(&self) -> i64 {
        let n = self.with_scale(0).digits.iter().fold(0i64, |n, d| n.saturating_mul(10).saturating_add(i64::from(*d)));
        if self.negative { -n } else { n }
    }

    /// The other sign.
    pub fn minus(&self) -> Self {
        Self { negative: !self.negative, ..self.clone() }.clean()
    }

    /// Which is greater.
    pub fn compare(&self, other: &Self) -> Ordering {
        let difference = self.plus(&other.minus());
        match (difference.is_zero(), difference.negative) {
            (true, _) => Ordering::Equal,
            (_, true) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }

    /// The sum.
    pub fn plus(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.with_scale(scale), other.with_scale(scale));
        let (negative, digits) = match (a.negative == b.negative, order(&a.digits, &b.digits)) {
            (true, _) => (a.negative, sum(&a.digits, &b.digits)),
            (_, Ordering::Less) => (b.negative, difference(&b.digits, &a.digits)),
            _ => (a.negative, difference(&a.digits, &b.digits)),
        };
        Self { negative, digits, scale }.clean()
    }

    /// The product, as bc cuts it.
    pub fn times(&self, other: &Self, scale: usize) -> Self {
        let full = self.scale + other.scale;
        let number = Self { negative: self.negative != other.negative, digits: product(&self.digits, &other.digits), scale: full };
        number.clean().cut(full.min(scale.max(self.scale).max(other.scale)))
    }

    /// The quotient with `scale` digits; `None` by zero.
    pub fn over(&self, other: &Self, scale: usize) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let mut digits = self.digits.clone();
        let shift = scale + other.scale;
        if shift >= self.scale {
            digits.resize(digits.len() + shift - self.scale, 0);
        } else {
            digits.truncate(digits.len().saturating_sub(self.scale - shift));
        }
        let (digits, _) = quotient(&trim(digits), &other.digits);
        Some(Self { negative: self.negative != other.negative, digits, scale }.clean())
    }

    /// The rest of a division with `scale` digits.
    pub fn modulo(&self, other: &Self, scale: usize) -> Option<Self> {
        let whole = self.over(other, scale)?;
        let rest = self.plus(&whole.times(other, whole.scale + other.scale).minus());
        Some(rest.with_scale(self.scale.max(scale + other.scale)))
    }

    /// A power with a whole exponent.
    pub fn power(&self, exponent: i64, scale: usize) -> Self {
        let one = Self::from(1);
        let times = exponent.unsigned_abs();
        let full = self.scale.saturating_mul(times as usize);
        let keep = if exponent < 0 { scale } else { full.min(scale.max(self.scale)) };
        let (mut result, mut square, mut left) = (one.clone(), self.clone(), times);
        while left > 0 {
            if left & 1 == 1 {
                result = result.times(&square, full);
            }
            left >>= 1;
            if left > 0 {
                square = square.times(&square, full);
            }
        }
        if exponent < 0 { one.over(&result, keep).unwrap_or_default() } else { result.cut(keep) }
    }

    /// What `self OPERATOR other` costs, in steps.
    pub fn cost(&self, operator: &str, other: &Self, scale: usize) -> u64 {
        let (a, b, scale) = (self.len() as u64, other.len() as u64, scale as u64);
        match operator {
            "*" => a.saturating_mul(b) / 4,
            "/" | "%" | "~" => a.saturating_add(scale).saturating_mul(b).saturating_mul(2),
            "^" => {
                let one = self.digits.len() < 2 && self.digits.iter().all(|d| *d == 1);
                let digits = if one { self.scale as u64 } else { a }.saturating_mul(other.small().unsigned_abs());
                let whole = digits.saturating_mul(digits) / 4;
                // Below one over it comes.
                if other.negative { whole.saturating_add(scale.saturating_mul(digits).saturating_mul(2)) } else { whole }
            }
            "sqrt" => (a + scale.saturating_mul(2)).saturating_pow(2).saturating_mul(16),
            _ => a.saturating_add(b) / 8,
        }
    }

    /// The square root with `scale` digits; `None` below zero.
    pub fn root(&self, scale: usize) -> Option<Self> {
        if self.negative {
            return None;
        }
        let scale = scale.max(self.scale);
        // The whole root of the digits, shifted so that the scale comes out.
        let target = self.with_scale(2 * scale).digits;
        let mut guess: Vec<u8> = std::iter::once(1).chain(std::iter::repeat_n(0, target.len() / 2 + 1)).collect();
        if target.is_empty() {
            return Some(Self::default());
        }
        loop {
            let (mut next, _) = quotient(&target, &guess);
            next = quotient(&sum(&next, &guess), &[2]).0;
            if order(&next, &guess).is_ge() {
                return Some(Self { negative: false, digits: guess, scale });
            }
            guess = next;
        }
    }

    /// As text in a base.
    pub fn show(&self, base: u32) -> String {
        let sign = if self.negative { "-" } else { "" };
        if self.is_zero() {
            return "0".into();
        }
        let places = |value: u32| match base {
            0..=16 => char::from_digit(value, 16).unwrap_or('0').to_ascii_uppercase().to_string(),
            base => format!(" {value:0width$}", width = (base - 1).to_string().len()),
        };
        let point = self.digits.len().saturating_sub(self.scale);
        if base == 10 {
            let text: String = self.digits.iter().map(|d| (b'0' + d) as char).collect();
            let zeros = "0".repeat(self.scale.saturating_sub(self.digits.len()));
            return if self.scale == 0 { sign.to_owned() + &text } else { format!("{sign}{}.{zeros}{}", &text[..point], &text[point..]) };
        }
        let mut whole = self.with_scale(0);
        whole.negative = false;
        let mut part = Self { negative: false, ..self.clone() }.plus(&whole.minus());
        let base_number = Self::from(u64::from(base));
        let mut text = String::new();
        while !whole.is_zero() {
            let (rest, digit) = quotient(&whole.digits, &base_number.digits);
            let digit = digit.iter().fold(0, |n, d| n * 10 + u32::from(*d));
            text.insert_str(0, &places(digit));
            whole.digits = rest;
        }
        if self.scale > 0 {
            text.push('.');
            let mut reach = Self::from(1);
            while reach.whole_digits() <= self.scale {
                part = part.times(&base_number, part.scale);
                let digit = part.with_scale(0);
                text += &places(digit.small() as u32);
                part = part.plus(&digit.minus());
                reach = reach.times(&base_number, 0);
            }
        }
        sign.to_owned() + &text
    }
}

/// A number on lines of 70, as bc and dc print it.
pub fn lines(text: &str) -> String {
    if text.len() < 70 {
        return text.to_owned();
    }
    let chunks: Vec<&str> = text.as_bytes().chunks(68).map(|c| std::str::from_utf8(c).unwrap_or("")).collect();
    chunks.join("\\\n")
}
