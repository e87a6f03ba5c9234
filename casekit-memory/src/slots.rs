//! Small numbers for large keys, used again when they are free.

use std::borrow::Borrow;
use std::hash::Hash;

use hashbrown::HashMap;

/// Gives each key a small number for as long as something counts on it.
#[derive(Debug)]
pub(crate) struct Slots<K> {
    numbers: HashMap<K, u32>,
    keys: Vec<Option<(K, u32)>>,
    free: Vec<u32>,
}

impl<K> Default for Slots<K> {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            keys: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<K: Eq + Hash> Slots<K> {
    /// The number of `key`, on which one more counts.
    pub(crate) fn take<Q>(&mut self, key: &Q) -> u32
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(number) = self.numbers.get(key) {
            if let Some(Some((_, uses))) = self.keys.get_mut(*number as usize) {
                *uses += 1;
            }
            return *number;
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.keys.push(None);
            // Four billion texts do not fit into memory.
            u32::try_from(self.keys.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(slot) = self.keys.get_mut(number as usize) {
            *slot = Some((key.to_owned(), 1));
        }
        self.numbers.insert(key.to_owned(), number);
        number
    }

    /// One less counts on the number of `key`; the last one frees it. Gives whether it is free.
    pub(crate) fn release<Q>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let Some(number) = self.numbers.get(key).copied() else {
            return false;
        };
        let Some(slot) = self.keys.get_mut(number as usize) else {
            return false;
        };
        match slot {
            Some((_, uses)) if *uses > 1 => {
                *uses -= 1;
                false
            }
            _ => {
                *slot = None;
                self.numbers.remove(key);
                self.free.push(number);
                true
            }
        }
    }

    pub(crate) fn number<Q>(&self, key: &Q) -> Option<u32>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.numbers.get(key).copied()
    }

    pub(crate) fn key(&self, number: u32) -> Option<&K> {
        let slot = self.keys.get(number as usize)?;
        slot.as_ref().map(|(key, _)| key)
    }

    /// All numbers in use are below this.
    pub(crate) fn bound(&self) -> usize {
        self.keys.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_while_it_is_used_and_then_given_again() {
        let mut slots = Slots::default();
        assert_eq!(
            (slots.take(&'a'), slots.take(&'b'), slots.take(&'a')),
            (0, 1, 0)
        );
        assert!(!slots.release(&'a'));
        assert_eq!((slots.number(&'a'), slots.key(0)), (Some(0), Some(&'a')));
        assert!(slots.release(&'a'));
        assert_eq!((slots.number(&'a'), slots.key(0)), (None, None));
        assert!(!slots.release(&'a'));
        assert_eq!((slots.take(&'c'), slots.bound()), (0, 2));
    }
}
