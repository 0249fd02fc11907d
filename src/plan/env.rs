//! The variables of a stage at one point: LLB's `EnvList`, in the order of the last assignment. Clones share.

use std::sync::{Arc, OnceLock};

/// An immutable list of variables.
#[derive(Debug, Clone, Default)]
pub(crate) struct Env(Arc<Inner>);

#[derive(Debug, Clone, Default)]
struct Inner {
    pairs: Vec<(String, String)>,
    /// The same as `K=V`, made for the first RUN that carries it.
    flat: OnceLock<Arc<Vec<String>>>,
}

impl Env {
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.pairs.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// With this value, last in order.
    #[must_use]
    pub fn set(&self, key: &str, value: &str) -> Self {
        let mut env = self.clone();
        env.assign(key, value);
        env
    }

    /// The same in place; without copying the others if nobody shares them.
    pub fn assign(&mut self, key: &str, value: &str) {
        let inner = Arc::make_mut(&mut self.0);
        inner.flat = OnceLock::new();
        if let Some(at) = inner.pairs.iter().position(|(k, _)| k == key) {
            inner.pairs.remove(at);
        }
        inner.pairs.push((key.to_owned(), value.to_owned()));
    }

    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        Self::from(self.0.pairs.iter().filter(|(k, _)| k != key).cloned().collect::<Vec<_>>())
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.pairs.iter().map(|(k, _)| k.as_str())
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.0.pairs
    }

    pub fn flat(&self) -> Arc<Vec<String>> {
        let flat = || Arc::new(self.0.pairs.iter().map(|(k, v)| format!("{k}={v}")).collect());
        self.0.flat.get_or_init(flat).clone()
    }
}

impl From<Vec<(String, String)>> for Env {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(Arc::new(Inner { pairs, flat: OnceLock::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assigned_again_moves_to_the_end() {
        let env = Env::default().set("A", "1").set("B", "2").set("A", "3");
        assert_eq!(*env.flat(), ["B=2", "A=3"]);
        assert_eq!(env.without("B").get("B"), None);
    }
}
