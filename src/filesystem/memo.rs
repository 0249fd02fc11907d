//! What was worked out of directories and of large files: one that is the same value in memory needs no second look.

use std::sync::{Arc, Weak};

use super::Directory;
use crate::base::{Digest, Map, fingerprint};

/// Answers by directory (its address) and by the question.
type Known = Map<(usize, Digest), Answer>;

/// Answers of the last round and of this one; those that nobody asks for in a round are forgotten at its end.
#[derive(Debug, Clone, Default)]
pub struct Memo {
    old: Known,
    young: Known,
    /// Fingerprints of large contents, by address; they hold no content in memory longer than a round.
    contents: Map<usize, (Weak<[u8]>, [u8; 16])>,
}

/// Bytes of a content whose fingerprint is kept: those of smaller ones are made again in no time.
const LARGE: usize = 1 << 16;

/// Something that was worked out of a directory, which is kept so that its address stays its own.
#[derive(Debug, Clone)]
struct Answer {
    of: Arc<Directory>,
    found: Found,
}

/// What was found.
#[derive(Debug, Clone)]
pub enum Found {
    /// A digest.
    Digest(Digest),
    /// What is left of it, if anything is.
    Directory(Option<Arc<Directory>>),
}

impl Memo {
    /// The answer to a question about a directory.
    pub fn get(&mut self, of: &Arc<Directory>, question: Digest) -> Option<Found> {
        let key = (Arc::as_ptr(of) as usize, question);
        let known = self.young.get(&key).or_else(|| self.old.get(&key));
        let answer = known.filter(|answer| Arc::ptr_eq(&answer.of, of))?.clone();
        self.young.insert(key, answer.clone());
        Some(answer.found)
    }

    /// Notes an answer.
    pub fn put(&mut self, of: &Arc<Directory>, question: Digest, found: Found) {
        self.young.insert((Arc::as_ptr(of) as usize, question), Answer { of: of.clone(), found });
    }

    /// The fingerprint of a file's bytes.
    pub fn fingerprint(&mut self, bytes: &Arc<[u8]>) -> [u8; 16] {
        if bytes.len() < LARGE {
            return fingerprint(bytes);
        }
        let address = Arc::as_ptr(bytes) as *const u8 as usize;
        // As long as a reference is kept, nothing else comes to lie where its bytes are, or were.
        if let Some((_, found)) = self.contents.get(&address).filter(|(of, _)| std::ptr::addr_eq(of.as_ptr(), Arc::as_ptr(bytes))) {
            return *found;
        }
        let made = fingerprint(bytes);
        self.contents.insert(address, (Arc::downgrade(bytes), made));
        made
    }

    /// Ends a round.
    pub fn aged(mut self) -> Self {
        let gone: Vec<usize> = self.contents.iter().filter(|(_, (of, _))| of.strong_count() == 0).map(|(address, _)| *address).collect();
        for address in gone {
            self.contents.remove(&address);
        }
        Self { old: self.young, young: Known::new(), contents: self.contents }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_content_is_looked_at_once_while_it_is_there() {
        let mut memo = Memo::default();
        let bytes: Arc<[u8]> = vec![1; LARGE].into();
        assert_eq!(memo.fingerprint(&bytes), fingerprint(&bytes));
        let told = [9; 16];
        memo.contents.insert(Arc::as_ptr(&bytes) as *const u8 as usize, (Arc::downgrade(&bytes), told));
        assert_eq!(memo.fingerprint(&bytes), told, "it was kept");
        let mut memo = memo.aged();
        assert_eq!(memo.fingerprint(&bytes), told, "a round later too");
        assert_ne!(memo.fingerprint(&vec![1; LARGE].into()), told, "equal bytes elsewhere are their own");
        drop(bytes);
        assert!(memo.aged().contents.is_empty());
    }
}
