//! Guessing passwords takes ever longer: wrong ones make the next try wait, by the name that is tried and by the address
//! that tries.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gateway_types::Tick;

/// Wrong passwords for one name before its next try has to wait.
const FREE_FOR_NAME: u32 = 5;
/// Wrong passwords from one address before its next try has to wait; more, as many people may be behind it.
const FREE_FOR_ADDRESS: u32 = 20;
/// The longest wait. No longer, since whoever guesses makes the name's owner wait too.
const LONGEST: Duration = Duration::from_secs(60);
/// How long after the last one wrong passwords are forgotten.
const FORGET: Duration = Duration::from_secs(3600);
/// Names and addresses that are remembered at the most, each.
const REMEMBERED: usize = 4096;
/// Failed logins that are written down in a minute at the most, so that guessing does not fill the disk.
const TOLD_A_MINUTE: u32 = 30;

/// Remembers wrong passwords.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    names: Wrongs<String>,
    addresses: Wrongs<IpAddr>,
    told: Told,
}

#[derive(Debug)]
struct Wrongs<K>(HashMap<K, Wrong>);

#[derive(Clone, Copy, Debug, Default)]
struct Wrong {
    times: u32,
    last: Tick,
}

#[derive(Debug, Default)]
struct Told {
    minute: u64,
    times: u32,
    omitted: u64,
}

/// A try that may be made. It counts as wrong until it is said to be right, so that many at once are not many free ones.
#[derive(Debug)]
pub(crate) struct Try {
    name: String,
    address: IpAddr,
}

impl Throttle {
    /// Begins a try, or says how long to wait.
    pub(crate) fn begin(&self, name: &str, address: IpAddr, now: Tick) -> Result<Try, Duration> {
        let address = network(address);
        let mut memory = self.memory();
        let wait = memory.names.wait(name, FREE_FOR_NAME, now);
        let wait = wait.max(memory.addresses.wait(&address, FREE_FOR_ADDRESS, now));
        if !wait.is_zero() {
            return Err(wait);
        }
        memory.names.note(name.to_owned(), now);
        memory.addresses.note(address, now);
        let name = name.to_owned();
        Ok(Try { name, address })
    }

    /// It was the right password: the name starts afresh, and the address has this one back.
    pub(crate) fn right(&self, tried: &Try) {
        let mut memory = self.memory();
        memory.names.0.remove(&tried.name);
        memory.addresses.take_back(&tried.address);
    }

    /// The password was not looked at.
    pub(crate) fn undone(&self, tried: &Try) {
        let mut memory = self.memory();
        memory.names.take_back(&tried.name);
        memory.addresses.take_back(&tried.address);
    }

    /// Whether a failed login is to be written down, and how many before it were not.
    pub(crate) fn tell(&self, now: Tick) -> Option<u64> {
        let told = &mut self.memory().told;
        let minute = now.since_start().as_secs() / 60;
        if told.minute != minute {
            (told.minute, told.times) = (minute, 0);
        }
        if told.times >= TOLD_A_MINUTE {
            told.omitted += 1;
            return None;
        }
        told.times += 1;
        Some(std::mem::take(&mut told.omitted))
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K> Default for Wrongs<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq + Clone> Wrongs<K> {
    fn wait<Q: ?Sized + Hash + Eq>(&self, key: &Q, free: u32, now: Tick) -> Duration
    where
        K: std::borrow::Borrow<Q>,
    {
        let Some(wrong) = self.0.get(key).filter(|wrong| now.since(wrong.last) < FORGET) else {
            return Duration::ZERO;
        };
        let Some(beyond) = wrong.times.checked_sub(free) else {
            return Duration::ZERO;
        };
        let delay = Duration::from_secs(1_u64 << beyond.min(10)).min(LONGEST);
        delay.saturating_sub(now.since(wrong.last))
    }

    fn note(&mut self, key: K, now: Tick) {
        if self.0.len() >= REMEMBERED && !self.0.contains_key(&key) {
            self.0.retain(|_, wrong| now.since(wrong.last) < FORGET);
            if self.0.len() >= REMEMBERED {
                // The one that is least likely to be waiting.
                let least = self.0.iter().min_by_key(|(_, wrong)| (wrong.times, wrong.last));
                let least = least.map(|(key, _)| key.clone());
                least.and_then(|key| self.0.remove(&key));
            }
        }
        let wrong = self.0.entry(key).or_default();
        if now.since(wrong.last) >= FORGET {
            wrong.times = 0;
        }
        wrong.times = wrong.times.saturating_add(1);
        wrong.last = now;
    }

    fn take_back<Q: ?Sized + Hash + Eq>(&mut self, key: &Q)
    where
        K: std::borrow::Borrow<Q>,
    {
        if let Some(wrong) = self.0.get_mut(key) {
            wrong.times = wrong.times.saturating_sub(1);
        }
    }
}

/// What one customer of a network has: an address of IPv4, the first 64 bits of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Tick {
        Tick::new(Duration::from_secs(10_000 + seconds))
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn a_name_waits_ever_longer_and_starts_afresh_once_right() {
        let throttle = Throttle::default();
        for from in 0..5 {
            throttle.begin("alice", address(from), at(0)).unwrap();
        }
        let wait = |seconds| throttle.begin("alice", address(9), at(seconds)).map(drop);
        assert_eq!(wait(0), Err(Duration::from_secs(1)), "from whichever address");
        assert_eq!(wait(1), Ok(()));
        assert_eq!(wait(1), Err(Duration::from_secs(2)));
        assert_eq!(wait(3), Ok(()));
        assert_eq!(wait(3), Err(Duration::from_secs(4)));
        let tried = throttle.begin("alice", address(9), at(7)).unwrap();
        throttle.right(&tried);
        assert_eq!(wait(7), Ok(()));
    }

    #[test]
    fn an_address_that_tries_many_names_waits_and_no_wait_is_longer_than_a_minute() {
        let throttle = Throttle::default();
        let same: IpAddr = "2001:db8::1".parse().unwrap();
        let neighbour: IpAddr = "2001:db8::ffff:2".parse().unwrap();
        for name in 0..FREE_FOR_ADDRESS {
            throttle.begin(&name.to_string(), same, at(0)).unwrap();
        }
        assert!(throttle.begin("another", neighbour, at(0)).is_err());
        throttle.begin("another", address(1), at(0)).unwrap();
        let mut now = 0;
        for _ in 0..50 {
            let wait = throttle
                .begin("x", same, at(now))
                .map_or_else(|wait| wait.as_secs(), |_| 0);
            assert!(wait <= 60);
            now += wait;
        }
        assert!(
            throttle.begin("x", same, at(now + 3600)).is_ok(),
            "forgotten after an hour"
        );
    }

    #[test]
    fn what_is_remembered_is_bounded_and_keeps_those_who_wait() {
        let throttle = Throttle::default();
        for _ in 0..FREE_FOR_NAME {
            throttle.begin("alice", address(1), at(0)).unwrap();
        }
        for n in 0..3 * REMEMBERED as u32 {
            let from = IpAddr::from((0x0b00_0000 + n).to_be_bytes());
            throttle.begin(&format!("name {n}"), from, at(0)).unwrap();
        }
        let memory = throttle.memory();
        assert!(memory.names.0.len() <= REMEMBERED && memory.addresses.0.len() <= REMEMBERED);
        drop(memory);
        assert!(throttle.begin("alice", address(2), at(0)).is_err());
    }

    #[test]
    fn failures_are_told_at_a_bounded_pace_with_the_number_of_those_left_out() {
        let throttle = Throttle::default();
        let told = (0..100).filter_map(|_| throttle.tell(at(0))).count();
        assert_eq!(told as u32, TOLD_A_MINUTE);
        assert_eq!(throttle.tell(at(60)), Some(u64::from(100 - TOLD_A_MINUTE)));
    }
}
