//! How often one address may ask. In memory, per instance; generous, so that only a flood meets it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

use parking_lot::Mutex;

use crate::error::{Code, Error, Result};
use crate::settings::Cidr;

/// Addresses kept at most; the fullest buckets go first.
const KEPT: usize = 50_000;
/// A bucket holds this many seconds of the rate.
const BURST_SECONDS: f64 = 10.0;

/// A token bucket per client address.
#[derive(Debug)]
pub struct Limits {
    /// Requests a second; 0 = no limit.
    rate: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Limits {
    /// Lets `rate` requests a second through for each address, ten seconds' worth at once; 0 lets all through.
    pub fn new(rate: u32) -> Limits {
        Limits {
            rate: f64::from(rate),
            buckets: Mutex::default(),
        }
    }

    /// Takes one request from the bucket of this address. Programs on the same machine are not counted:
    /// name the reverse proxy with `--trusted-proxy` so that its clients are.
    ///
    /// # Errors
    /// `throttled`, with the seconds to wait.
    pub fn take(&self, address: Option<IpAddr>, now: Instant) -> Result<()> {
        let Some(address) = address.filter(|a| self.rate > 0.0 && !a.is_loopback()) else {
            return Ok(());
        };
        let full = self.rate * BURST_SECONDS;
        let mut buckets = self.buckets.lock();
        if buckets.len() >= KEPT {
            let rate = self.rate;
            buckets.retain(|_, b| b.left + rate * since(b.at, now) < full);
        }
        let bucket = buckets.entry(address).or_insert(Bucket {
            left: full,
            at: now,
        });
        bucket.left = (bucket.left + self.rate * since(bucket.at, now)).min(full);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(Error::new(
                Code::Throttled,
                "too many requests from this address; wait a moment",
            )
            .with("retry_after", 1));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

fn since(earlier: Instant, now: Instant) -> f64 {
    now.saturating_duration_since(earlier).as_secs_f64()
}

/// The address of the client: the peer, or, when the peer is a trusted proxy, the last address of
/// `X-Forwarded-For` that is not one.
pub fn client(peer: Option<IpAddr>, forwarded: &[&str], trusted: &[Cidr]) -> Option<IpAddr> {
    let is_trusted = |a: IpAddr| trusted.iter().any(|block| block.holds(a));
    let peer = peer?.to_canonical();
    if !is_trusted(peer) {
        return Some(peer);
    }
    let mut nearest = peer;
    for text in forwarded.iter().rev().flat_map(|line| line.rsplit(',')) {
        match text.trim().parse::<IpAddr>() {
            Ok(address) if is_trusted(address) => nearest = address,
            Ok(address) => return Some(address),
            Err(_) => break,
        }
    }
    Some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_flood_waits_and_then_goes_on() {
        let limits = Limits::new(2);
        let (start, far) = (Instant::now(), "192.0.2.7".parse().ok());
        let passed = (0..30).filter(|_| limits.take(far, start).is_ok()).count();
        assert_eq!(passed, 20);
        assert!(limits.take(far, start + Duration::from_secs(1)).is_ok());
        assert!((0..99).all(|_| limits.take("127.0.0.1".parse().ok(), start).is_ok()));
        assert!((0..99).all(|_| Limits::new(0).take(far, start).is_ok()));
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let ip = |text: &str| text.parse::<IpAddr>().ok();
        let forged = ["198.51.100.1, 203.0.113.9, 10.1.1.1"];
        assert_eq!(client(ip("10.0.0.1"), &forged, &trusted), ip("203.0.113.9"));
        assert_eq!(client(ip("192.0.2.1"), &forged, &trusted), ip("192.0.2.1"));
        assert_eq!(
            client(ip("10.0.0.1"), &["nonsense"], &trusted),
            ip("10.0.0.1")
        );
    }
}
