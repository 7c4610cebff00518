//! Slows down whoever guesses passwords, by account and by address, and whoever makes many accounts, by
//! address.
//!
//! Each attempt is charged before the password is looked at, so that many at the same time count as
//! many; a right password takes its charge back, as if it had not been tried: nobody else at the
//! address waits because of it, and failures are forgotten in their time. So does one that could not be
//! looked at: what is out of order here is nobody's failure. After a few free attempts each further one
//! must wait for a time that doubles, up to a bound: a stranger who guesses can delay an account's owner
//! by that bound, but never lock them out for ever (OWASP Authentication Cheat Sheet, account lockout).

use crate::config::SignIn;
use crate::network::network;
use lru::LruCache;
use std::{hash::Hash, net::IpAddr, num::NonZeroUsize, time::Duration};

/// Attempts to make an account without a wait, for each of those to sign in: a team sits behind one
/// address.
const SIGN_UPS: u32 = 4;

/// The numbers of the throttle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Attempts without a wait.
    pub free_attempts: u32,
    /// The first wait; it doubles from there.
    pub first_wait: Duration,
    /// The longest wait.
    pub max_wait: Duration,
    /// Charges are forgotten after this long without another one.
    pub forget_after: Duration,
}

/// Who has failed how often. Times are durations since any fixed moment.
#[derive(Debug)]
pub(super) struct Throttle {
    limits: Limits,
    accounts: Charges<String>,
    addresses: Charges<IpAddr>,
    sign_ups: Charges<IpAddr>,
}

/// The charges of one kind; the least recently charged are forgotten first.
#[derive(Debug)]
struct Charges<K: Hash + Eq>(LruCache<K, Charge>);

#[derive(Clone, Copy, Debug)]
struct Charge {
    attempts: u32,
    last: Duration,
}

/// An attempt that was charged. It counts as a failure unless it is forgiven or taken back.
#[derive(Debug)]
#[must_use]
pub struct Attempt {
    account: Charged<String>,
    address: Charged<IpAddr>,
}

/// What one attempt has added to the charges of one key.
#[derive(Debug)]
struct Charged<K> {
    key: K,
    at: Duration,
    /// When the key was last charged before.
    before: Duration,
}

impl From<&SignIn> for Limits {
    fn from(sign_in: &SignIn) -> Self {
        Self {
            free_attempts: sign_in.free_attempts,
            first_wait: sign_in.first_wait,
            max_wait: sign_in.max_wait,
            forget_after: sign_in.forget_after,
        }
    }
}

impl Throttle {
    /// Remembers at most so many accounts, and as many addresses.
    #[must_use]
    pub(super) fn new(limits: Limits, remembered: NonZeroUsize) -> Self {
        Self {
            limits,
            accounts: Charges(LruCache::new(remembered)),
            addresses: Charges(LruCache::new(remembered)),
            sign_ups: Charges(LruCache::new(remembered)),
        }
    }

    /// Charges one attempt to sign in, unless it must wait: then for how long.
    ///
    /// # Errors
    /// The time after which the next attempt is looked at.
    pub(super) fn charge(
        &mut self,
        account: &str,
        address: IpAddr,
        now: Duration,
    ) -> Result<Attempt, Duration> {
        let (account, address) = (account.to_owned(), network(address));
        let wait = self
            .accounts
            .wait(&account, &self.limits, now)
            .max(self.addresses.wait(&address, &self.limits, now));
        if !wait.is_zero() {
            return Err(wait);
        }
        Ok(Attempt {
            account: self.accounts.charge(account, &self.limits, now),
            address: self.addresses.charge(address, &self.limits, now),
        })
    }

    /// Charges one attempt to make an account, unless it must wait: then for how long. Those that
    /// succeed count as well: it is their number that wears the server out.
    ///
    /// # Errors
    /// The time after which the next attempt is looked at.
    pub(super) fn charge_sign_up(
        &mut self,
        address: IpAddr,
        now: Duration,
    ) -> Result<(), Duration> {
        let address = network(address);
        let limits = Limits {
            free_attempts: self.limits.free_attempts.saturating_mul(SIGN_UPS),
            ..self.limits
        };
        let wait = self.sign_ups.wait(&address, &limits, now);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.sign_ups.charge(address, &limits, now);
        Ok(())
    }

    /// The password was right: forgets the account's charges, and takes back that of the address.
    pub(super) fn forgive(&mut self, attempt: &Attempt) {
        self.accounts.0.pop(&attempt.account.key);
        self.addresses.take_back(&attempt.address);
    }

    /// The password was not looked at: takes this one charge back, and no other.
    pub(super) fn take_back(&mut self, attempt: &Attempt) {
        self.accounts.take_back(&attempt.account);
        self.addresses.take_back(&attempt.address);
    }
}

impl<K: Hash + Eq + Clone> Charges<K> {
    fn wait(&self, key: &K, limits: &Limits, now: Duration) -> Duration {
        let Some(charge) = self.0.peek(key) else {
            return Duration::ZERO;
        };
        let wait = limits.wait_after(charge.attempts);
        if wait.is_zero() {
            // Whoever was here a moment later does not make this attempt wait.
            return wait;
        }
        (charge.last + wait).saturating_sub(now)
    }

    fn charge(&mut self, key: K, limits: &Limits, now: Duration) -> Charged<K> {
        let charge = self.0.get_or_insert_mut(key.clone(), || Charge {
            attempts: 0,
            last: now,
        });
        if now.saturating_sub(charge.last) >= limits.forget_after {
            charge.attempts = 0;
        }
        charge.attempts = charge.attempts.saturating_add(1);
        let before = std::mem::replace(&mut charge.last, now);
        Charged {
            key,
            at: now,
            before,
        }
    }

    fn take_back(&mut self, charged: &Charged<K>) {
        if let Some(charge) = self.0.peek_mut(&charged.key) {
            charge.attempts = charge.attempts.saturating_sub(1);
            // Unless another attempt came after this one.
            if charge.last == charged.at {
                charge.last = charged.before;
            }
        }
    }
}

impl Limits {
    /// How long the next attempt waits after so many.
    fn wait_after(&self, attempts: u32) -> Duration {
        match attempts.checked_sub(self.free_attempts) {
            None => Duration::ZERO,
            Some(further) => 2_u32
                .checked_pow(further)
                .and_then(|factor| self.first_wait.checked_mul(factor))
                .map_or(self.max_wait, |wait| wait.min(self.max_wait)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const S: fn(u64) -> Duration = Duration::from_secs;
    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn throttle(remembered: usize) -> Throttle {
        let limits = Limits {
            free_attempts: 3,
            first_wait: S(1),
            max_wait: S(60),
            forget_after: S(600),
        };
        Throttle::new(limits, NonZeroUsize::new(remembered).unwrap())
    }

    /// Whether an attempt may be made now, or else after which time.
    fn fail(
        throttle: &mut Throttle,
        account: &str,
        from: IpAddr,
        now: Duration,
    ) -> Result<(), Duration> {
        throttle.charge(account, from, now).map(drop)
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([198, 51, 100, last])
    }

    #[test]
    fn a_few_attempts_are_free_and_then_the_wait_doubles_up_to_its_bound() {
        let mut throttle = throttle(10);
        let mut now = S(1_000);
        let mut waits = Vec::new();
        for attempt in 0..12_u8 {
            // Each from elsewhere: the account alone is enough.
            if let Err(wait) = fail(&mut throttle, "jane", address(attempt), now) {
                waits.push(wait.as_secs());
                now += wait;
                assert_eq!(fail(&mut throttle, "jane", address(attempt), now), Ok(()));
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn of_two_people_at_one_address_at_the_same_moment_neither_must_wait() {
        let mut throttle = throttle(10);
        assert_eq!(fail(&mut throttle, "jane", HERE, S(1_001)), Ok(()));
        assert_eq!(fail(&mut throttle, "john", HERE, S(1_000)), Ok(()));
    }

    #[test]
    fn an_attempt_that_must_wait_is_not_charged() {
        let mut throttle = throttle(10);
        for _ in 0..3 {
            fail(&mut throttle, "jane", HERE, S(0)).unwrap();
        }
        for _ in 0..100 {
            assert_eq!(fail(&mut throttle, "jane", HERE, S(0)), Err(S(1)));
        }
        assert_eq!(fail(&mut throttle, "jane", HERE, S(1)), Ok(()));
    }

    #[test]
    fn an_address_that_tries_many_accounts_must_wait_and_another_address_need_not() {
        let mut throttle = throttle(10);
        for account in ["a", "b", "c"] {
            fail(&mut throttle, account, HERE, S(0)).unwrap();
        }
        assert_eq!(fail(&mut throttle, "d", HERE, S(0)), Err(S(1)));
        assert_eq!(fail(&mut throttle, "d", address(1), S(0)), Ok(()));
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one() {
        let mut throttle = throttle(10);
        for host in ["2001:db8::1", "2001:db8::2", "2001:db8::3"] {
            fail(&mut throttle, host, host.parse().unwrap(), S(0)).unwrap();
        }
        let charge =
            |throttle: &mut Throttle, host: &str| fail(throttle, "x", host.parse().unwrap(), S(0));
        assert_eq!(charge(&mut throttle, "2001:db8::4"), Err(S(1)));
        assert_eq!(charge(&mut throttle, "2001:db8:0:1::4"), Ok(()));
    }

    #[test]
    fn the_right_password_forgives_the_account_but_not_the_other_attempts_of_the_address() {
        let mut throttle = throttle(10);
        fail(&mut throttle, "a", HERE, S(0)).unwrap();
        fail(&mut throttle, "b", HERE, S(0)).unwrap();
        let right = throttle.charge("mine", HERE, S(0)).unwrap();
        throttle.forgive(&right);
        fail(&mut throttle, "c", HERE, S(0)).unwrap();
        assert_eq!(fail(&mut throttle, "d", HERE, S(0)), Err(S(1)));
        assert_eq!(fail(&mut throttle, "mine", address(1), S(0)), Ok(()));
    }

    #[test]
    fn an_attempt_that_was_not_looked_at_is_charged_to_nobody_and_forgives_nothing() {
        let mut throttle = throttle(10);
        for _ in 0..2 {
            fail(&mut throttle, "jane", HERE, S(0)).unwrap();
        }
        for second in 1..=10 {
            let unseen = throttle.charge("jane", HERE, S(second)).unwrap();
            throttle.take_back(&unseen);
        }
        fail(&mut throttle, "jane", HERE, S(11)).unwrap();
        for (account, address) in [("jane", address(1)), ("john", HERE)] {
            let waits = fail(&mut throttle, account, address, S(11));
            assert_eq!(waits, Err(S(1)), "{account}");
        }
    }

    #[test]
    fn a_right_password_makes_nobody_else_at_the_address_wait() {
        let mut throttle = throttle(10);
        for account in ["a", "b", "c"] {
            fail(&mut throttle, account, HERE, S(0)).unwrap();
        }
        let mut now = S(1);
        for colleague in ["jane", "john", "bob"] {
            let right = throttle.charge(colleague, HERE, now).unwrap();
            throttle.forgive(&right);
            now += Duration::from_millis(1);
        }
    }

    #[test]
    fn a_busy_office_forgets_its_failures_all_the_same() {
        let mut throttle = throttle(10);
        for account in ["a", "b"] {
            fail(&mut throttle, account, HERE, S(0)).unwrap();
        }
        for minute in 1..=10 {
            let right = throttle.charge("jane", HERE, S(60 * minute)).unwrap();
            throttle.forgive(&right);
        }
        for account in ["a", "b", "c"] {
            assert_eq!(fail(&mut throttle, account, HERE, S(601)), Ok(()));
        }
    }

    #[test]
    fn a_team_signs_up_at_once_and_whoever_goes_on_must_wait_but_not_to_sign_in() {
        let mut throttle = throttle(10);
        for _ in 0..3 * SIGN_UPS {
            throttle.charge_sign_up(HERE, S(0)).unwrap();
        }
        assert_eq!(throttle.charge_sign_up(HERE, S(0)), Err(S(1)));
        throttle.charge_sign_up(HERE, S(1)).unwrap();
        assert_eq!(throttle.charge_sign_up(HERE, S(1)), Err(S(2)));
        throttle.charge_sign_up(address(1), S(1)).unwrap();
        fail(&mut throttle, "jane", HERE, S(1)).unwrap();
        throttle.charge_sign_up(HERE, S(601)).unwrap();
        throttle.charge_sign_up(HERE, S(601)).unwrap();
    }

    #[test]
    fn old_failures_are_forgotten() {
        let mut throttle = throttle(10);
        for _ in 0..3 {
            fail(&mut throttle, "jane", HERE, S(0)).unwrap();
        }
        for _ in 0..3 {
            assert_eq!(fail(&mut throttle, "jane", HERE, S(600)), Ok(()));
        }
    }

    proptest! {
        #[test]
        fn nobody_is_locked_out_for_ever_and_memory_is_bounded(
            attempts in prop::collection::vec(("[a-d]", any::<u8>(), 0_u64..5), 0..300),
        ) {
            let mut throttle = throttle(8);
            let mut now = S(0);
            for (account, last, pause) in attempts {
                now += S(pause);
                if let Err(wait) = fail(&mut throttle, &account, address(last), now) {
                    prop_assert!(wait <= S(60));
                    prop_assert_eq!(fail(&mut throttle, &account, address(last), now + wait), Ok(()));
                    now += wait;
                }
                prop_assert!(throttle.accounts.0.len() <= 8 && throttle.addresses.0.len() <= 8);
            }
        }
    }
}
