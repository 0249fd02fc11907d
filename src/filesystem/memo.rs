//! What was worked out of directories: one that is the same value in memory needs no second look.

use std::sync::Arc;

use super::Directory;
use crate::base::{Digest, Map};

/// Answers by directory (its address) and by the question.
type Known = Map<(usize, Digest), Answer>;

/// Answers of the last round and of this one; those that nobody asks for in a round are forgotten at its end.
#[derive(Debug, Clone, Default)]
pub struct Memo {
    old: Known,
    young: Known,
}

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

    /// Ends a round.
    pub fn aged(self) -> Self {
        Self { old: self.young, young: Known::new() }
    }
}
