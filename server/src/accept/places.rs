//! How many places each address holds.

use crate::network::network;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many places each address, as [`network`] counts them, holds; clones are the same.
#[derive(Clone, Debug)]
pub struct Places(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// A place, given back when dropped.
#[derive(Debug)]
pub struct Place {
    of: IpAddr,
    places: Places,
}

impl Places {
    /// At most `limit` for each address.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Inner {
            limit,
            held: Mutex::default(),
        }))
    }

    /// Takes a place, unless the address holds as many as it may.
    #[must_use]
    pub fn take(&self, address: IpAddr) -> Option<Place> {
        let of = network(address);
        let mut all = self.held();
        let held = all.entry(of).or_default();
        if *held >= self.0.limit {
            return None;
        }
        *held += 1;
        drop(all);
        Some(Place {
            of,
            places: self.clone(),
        })
    }

    fn held(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.places.held();
        if let Some(held) = all.get_mut(&self.of) {
            *held -= 1;
            if *held == 0 {
                all.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_so_many_places_and_gets_back_what_it_gives_back() {
        let places = Places::new(2);
        let held = ["192.0.2.7", "::ffff:192.0.2.7"].map(|it| places.take(address(it)));
        assert!(held.iter().all(Option::is_some));
        assert!(places.take(address("192.0.2.7")).is_none());
        assert!(places.take(address("192.0.2.8")).is_some());
        drop(held);
        assert!(places.take(address("192.0.2.7")).is_some());
        assert!(
            places.held().is_empty(),
            "nothing is remembered of who has gone"
        );
    }

    #[test]
    fn a_network_of_one_customer_is_one_address() {
        let places = Places::new(1);
        let held = places.take(address("2001:db8:1:2::7"));
        assert!(places.take(address("2001:db8:1:2:ffff::8")).is_none());
        assert!(places.take(address("2001:db8:1:3::7")).is_some());
        drop(held);
    }
}
