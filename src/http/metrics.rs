//! What Prometheus reads at `/metrics`: requests by route template, method and status, and how long they took.
//!
//! Never a tag, a key nor a name: the template of the route only.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use parking_lot::Mutex;

/// Upper bounds of the histogram, seconds.
const BOUNDS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Counters of this instance since its start.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    requests: BTreeMap<(String, String, u16), u64>,
    durations: BTreeMap<String, Histogram>,
}

#[derive(Debug, Default, Clone)]
struct Histogram {
    buckets: [u64; BOUNDS.len()],
    sum: f64,
    count: u64,
}

impl Metrics {
    /// Counts one answered request. `route` is the template (`/api/v1/devices/{tag}`).
    pub fn count(&self, route: &str, method: &str, status: u16, took: Duration) {
        let seconds = took.as_secs_f64();
        let mut counts = self.0.lock();
        let key = (route.to_owned(), method.to_owned(), status);
        *counts.requests.entry(key).or_default() += 1;
        let histogram = counts.durations.entry(route.to_owned()).or_default();
        for (bucket, bound) in histogram.buckets.iter_mut().zip(BOUNDS) {
            if seconds <= bound {
                *bucket += 1;
            }
        }
        histogram.sum += seconds;
        histogram.count += 1;
    }

    /// The text format of Prometheus, with further gauges of the store (`name`, value).
    pub fn render(&self, gauges: &[(&str, f64)]) -> String {
        let counts = self.0.lock();
        let mut out = String::new();
        let mut line = |text: String| {
            out.push_str(&text);
            out.push('\n');
        };
        line("# HELP reparc_requests_total Requests answered.".into());
        line("# TYPE reparc_requests_total counter".into());
        for ((route, method, status), n) in &counts.requests {
            line(format!(
                "reparc_requests_total{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}} {n}"
            ));
        }
        line("# HELP reparc_request_seconds Time to the first byte of the answer.".into());
        line("# TYPE reparc_request_seconds histogram".into());
        for (route, histogram) in &counts.durations {
            for (n, bound) in histogram.buckets.iter().zip(BOUNDS) {
                line(format!(
                    "reparc_request_seconds_bucket{{route=\"{route}\",le=\"{bound}\"}} {n}"
                ));
            }
            let Histogram { sum, count, .. } = histogram;
            line(format!(
                "reparc_request_seconds_bucket{{route=\"{route}\",le=\"+Inf\"}} {count}"
            ));
            line(format!(
                "reparc_request_seconds_sum{{route=\"{route}\"}} {sum}"
            ));
            line(format!(
                "reparc_request_seconds_count{{route=\"{route}\"}} {count}"
            ));
        }
        for (name, value) in gauges {
            let _ = write!(out, "# TYPE {name} gauge\n{name} {value}\n");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_template() {
        let metrics = Metrics::default();
        metrics.count("/api/v1/me", "GET", 200, Duration::from_millis(3));
        metrics.count("/api/v1/me", "GET", 200, Duration::from_millis(30));
        let text = metrics.render(&[("reparc_up", 1.0)]);
        assert!(text.contains(
            "reparc_requests_total{route=\"/api/v1/me\",method=\"GET\",status=\"200\"} 2"
        ));
        assert!(
            text.contains("reparc_request_seconds_bucket{route=\"/api/v1/me\",le=\"0.005\"} 1")
        );
        assert!(text.contains("le=\"+Inf\"} 2") && text.ends_with("reparc_up 1\n"));
    }
}
