//! [`Map`] and [`Set`]: persistent and ordered. Cheap to clone; a change copies the few nodes that it passes, if they are shared, and shares the rest.
//! A weight-balanced tree (Adams, "Efficient sets: a balancing act", 1993), small when compiled: it is compiled for each type of entry.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// How much heavier one side of a node may be than the other, and when a single rotation does: Hirai and Yamamoto's ⟨3, 2⟩.
const HEAVIER: usize = 3;
const SINGLE: usize = 2;

/// Keys in order, each with a value.
pub struct Map<K, V>(Link<K, V>);

type Link<K, V> = Option<Arc<Node<K, V>>>;

#[derive(Clone)]
struct Node<K, V> {
    /// Entries of this node and below.
    len: usize,
    left: Link<K, V>,
    right: Link<K, V>,
    key: K,
    value: V,
}

impl<K, V> Map<K, V> {
    /// Without entries.
    pub const fn new() -> Self {
        Self(None)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        len(&self.0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether both are one and the same value in memory: then they are equal.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        }
    }

    /// The entries in order.
    pub fn iter(&self) -> Iter<'_, K, V> {
        let mut iter = Iter { path: Vec::new() };
        iter.descend(&self.0);
        iter
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// The values in order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The entry with the greatest key.
    pub fn last(&self) -> Option<(&K, &V)> {
        let mut node = self.0.as_ref()?;
        while let Some(right) = &node.right {
            node = right;
        }
        Some((&node.key, &node.value))
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let mut link = &self.0;
        while let Some(node) = link {
            link = match key.cmp(node.key.borrow()) {
                Ordering::Less => &node.left,
                Ordering::Greater => &node.right,
                Ordering::Equal => return Some(&node.value),
            };
        }
        None
    }

    /// Whether a key has a value.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }
}

impl<K: Ord + Clone, V: Clone> Map<K, V> {
    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.get(key)?;
        let mut link = &mut self.0;
        while let Some(node) = link {
            let node = Arc::make_mut(node);
            link = match key.cmp(node.key.borrow()) {
                Ordering::Less => &mut node.left,
                Ordering::Greater => &mut node.right,
                Ordering::Equal => return Some(&mut node.value),
            };
        }
        None
    }

    /// Gives a key a value; what it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        insert(&mut self.0, key, value)
    }

    /// Takes an entry out; its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.get(key)?;
        remove(&mut self.0, key)
    }

    /// With the other's entries of keys that are not here.
    pub fn union(mut self, other: &Self) -> Self {
        for (key, value) in other {
            if self.get(key).is_none() {
                self.insert(key.clone(), value.clone());
            }
        }
        self
    }
}

fn len<K, V>(link: &Link<K, V>) -> usize {
    link.as_ref().map_or(0, |node| node.len)
}

fn insert<K: Ord + Clone, V: Clone>(link: &mut Link<K, V>, key: K, value: V) -> Option<V> {
    let Some(node) = link else {
        *link = Some(Arc::new(Node { len: 1, left: None, right: None, key, value }));
        return None;
    };
    let node = Arc::make_mut(node);
    let old = match key.cmp(&node.key) {
        Ordering::Less => insert(&mut node.left, key, value),
        Ordering::Greater => insert(&mut node.right, key, value),
        Ordering::Equal => return Some(std::mem::replace(&mut node.value, value)),
    };
    balance(link);
    old
}

fn remove<K: Ord + Clone + Borrow<Q>, V: Clone, Q: Ord + ?Sized>(link: &mut Link<K, V>, key: &Q) -> Option<V> {
    let node = Arc::make_mut(link.as_mut()?);
    let old = match key.cmp(node.key.borrow()) {
        Ordering::Less => remove(&mut node.left, key),
        Ordering::Greater => remove(&mut node.right, key),
        Ordering::Equal => {
            let old = node.value.clone();
            match first(&mut node.right) {
                Some((key, value)) => (node.key, node.value) = (key, value),
                None => *link = node.left.take(),
            }
            Some(old)
        }
    };
    balance(link);
    old
}

/// Takes the entry with the least key out.
fn first<K: Clone, V: Clone>(link: &mut Link<K, V>) -> Option<(K, V)> {
    let node = Arc::make_mut(link.as_mut()?);
    if node.left.is_none() {
        let found = (node.key.clone(), node.value.clone());
        *link = node.right.take();
        return Some(found);
    }
    let found = first(&mut node.left);
    balance(link);
    found
}

/// Restores the length and the balance of a node one of whose sides gained or lost an entry.
fn balance<K: Clone, V: Clone>(link: &mut Link<K, V>) {
    let Some(node) = link else { return };
    let node = Arc::make_mut(node);
    let (left, right) = (len(&node.left), len(&node.right));
    node.len = left + right + 1;
    for (to_left, light, heavy) in [(true, left, right), (false, right, left)] {
        if heavy + 1 > HEAVIER * (light + 1) {
            let side = if to_left { &mut node.right } else { &mut node.left };
            if let Some(child) = side {
                let (inner, outer) = if to_left { (&child.left, &child.right) } else { (&child.right, &child.left) };
                if len(inner) + 1 >= SINGLE * (len(outer) + 1) {
                    rotate(side, !to_left);
                }
            }
            return rotate(link, to_left);
        }
    }
}

/// Lifts the right child of a node above it (`to_left`), or the left one.
fn rotate<K: Clone, V: Clone>(link: &mut Link<K, V>, to_left: bool) {
    let Some(mut lower) = link.take() else { return };
    let below = Arc::make_mut(&mut lower);
    let side = if to_left { &mut below.right } else { &mut below.left };
    let Some(mut upper) = side.take() else { return *link = Some(lower) };
    let above = Arc::make_mut(&mut upper);
    let inner = if to_left { &mut above.left } else { &mut above.right };
    *side = inner.take();
    above.len = below.len;
    below.len = len(&below.left) + len(&below.right) + 1;
    *inner = Some(lower);
    *link = Some(upper);
}

/// A persistent ordered set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set<T>(Map<T, ()>);

impl<T: Ord + Clone> Set<T> {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The items in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.keys()
    }

    /// Whether an item is in it.
    pub fn contains<Q: Ord + ?Sized>(&self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.get(item).is_some()
    }

    /// Puts an item in.
    pub fn insert(&mut self, item: T) {
        self.0.insert(item, ());
    }

    /// Takes an item out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, item: &Q)
    where
        T: Borrow<Q>,
    {
        self.0.remove(item);
    }

    /// With the items of the other.
    pub fn union(self, other: &Self) -> Self {
        Self(self.0.union(&other.0))
    }
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self(Map::new())
    }
}

impl<T: Ord + Clone> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().map(|item| (item, ())).collect())
    }
}

/// The entries of a [`Map`] in order.
pub struct Iter<'a, K, V> {
    /// The nodes whose entries are still to come, the next one last; after each comes its right side.
    path: Vec<&'a Node<K, V>>,
}

impl<'a, K, V> Iter<'a, K, V> {
    fn descend(&mut self, mut link: &'a Link<K, V>) {
        while let Some(node) = link {
            self.path.push(node);
            link = &node.left;
        }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.path.pop()?;
        self.descend(&node.right);
        Some((&node.key, &node.value))
    }
}

impl<'a, K, V> IntoIterator for &'a Map<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut map = Self::new();
        for (key, value) in pairs {
            map.insert(key, value);
        }
        map
    }
}

impl<K, V> Clone for Map<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Map<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.ptr_eq(other) || (self.len() == other.len() && self.iter().eq(other))
    }
}

impl<K: Eq, V: Eq> Eq for Map<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Map<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn check<K: Ord, V>(link: &Link<K, V>) -> usize {
        let Some(node) = link else { return 0 };
        let (left, right) = (check(&node.left), check(&node.right));
        assert!(left < HEAVIER * (right + 1) && right < HEAVIER * (left + 1), "out of balance: {left} and {right}");
        assert_eq!(node.len, left + right + 1);
        node.len
    }

    proptest! {
        #[test]
        fn is_a_map_and_keeps_what_was(changes in prop::collection::vec((any::<bool>(), 0_u8..60, any::<u8>()), 0..400), at in 0_usize..400) {
            let (mut ours, mut theirs) = (Map::new(), BTreeMap::new());
            let mut kept = None;
            for (i, (inserts, key, value)) in changes.into_iter().enumerate() {
                if i == at {
                    kept = Some((ours.clone(), theirs.clone()));
                }
                if inserts {
                    prop_assert_eq!(ours.insert(key, value), theirs.insert(key, value));
                } else {
                    prop_assert_eq!(ours.remove(&key), theirs.remove(&key));
                }
                check(&ours.0);
            }
            for (ours, theirs) in kept.into_iter().chain([(ours, theirs)]) {
                prop_assert!(ours.iter().eq(theirs.iter()));
                prop_assert_eq!(ours.last(), theirs.last_key_value());
                prop_assert_eq!(ours.get(&7), theirs.get(&7));
            }
        }

        #[test]
        fn grows_in_order_without_losing_balance(len in 0_u32..2000) {
            let map: Map<u32, ()> = (0..len).map(|key| (key, ())).collect();
            prop_assert_eq!(check(&map.0), len as usize);
        }
    }
}
