//! Load by wrk: 2 threads, 8 connections, random requests out of a file.

use std::path::Path;
use std::process::Command;

use super::process;
use crate::Result;

/// One run of wrk.
pub struct Load {
    /// Answers a second.
    pub rate: f64,
    /// 99th percentile of the answer time in milliseconds.
    pub p99: f64,
}

const SCRIPT: &str = r#"
local paths, verb, body, key, n = {}, "GET", nil, "", 0
function init(args)
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
  verb = args[2]
  if args[3] ~= "" then wrk.headers["Authorization"] = "Bearer " .. args[3] end
  if args[4] ~= "" then
    body = args[4]
    wrk.headers["Content-Type"] = "application/json"
  end
  local address = tostring(paths):match("0x(%x+)")
  key = args[5] .. "-" .. address .. "-"
  math.randomseed(tonumber(address, 16) % 2147483647 + tonumber(args[5]))
end
function request()
  if body then
    n = n + 1
    wrk.headers["Idempotency-Key"] = key .. n
  end
  return wrk.format(verb, paths[math.random(#paths)], nil, body)
end
"#;

/// Whether wrk is installed.
pub fn available() -> bool {
    Command::new("wrk").arg("--version").output().is_ok()
}

/// Loads a server for some seconds. `body` makes every request a POST with an idempotency key of its own.
pub fn run(url: &str, paths: &Path, token: &str, body: &str, seconds: u32) -> Result<Load> {
    let script = paths.with_file_name("load.lua");
    std::fs::write(&script, SCRIPT)?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let verb = if body.is_empty() { "GET" } else { "POST" };
    let mut command = Command::new("wrk");
    command
        .args(["-t2", "-c8", "--latency", "--timeout", "30s"])
        .arg(format!("-d{seconds}s"))
        .arg("-s")
        .arg(&script)
        .arg(url)
        .arg("--")
        .arg(paths)
        .args([verb, token, body])
        .arg((now.as_millis() % 1_000_000_000).to_string());
    let report = process::output(&mut command)?;
    if let Some(refused) = report
        .lines()
        .find(|l| l.contains("Non-2xx") || l.contains("Socket errors"))
    {
        eprintln!("{url}: {}", refused.trim());
    }
    let value = |name: &str| {
        let line = report.lines().find(|l| l.trim_start().starts_with(name));
        line.and_then(|l| l.split_whitespace().nth(1).map(str::to_owned))
            .ok_or(format!("wrk printed no {name}:\n{report}"))
    };
    let rate: f64 = value("Requests/sec:")?.parse()?;
    // Where nothing was answered in time, wrk says 0 ms.
    let p99 = match rate {
        0.0 => f64::INFINITY,
        _ => milliseconds(&value("99%")?)?,
    };
    Ok(Load { rate, p99 })
}

fn milliseconds(text: &str) -> Result<f64> {
    let units = [("us", 1e-3), ("ms", 1.0), ("s", 1e3), ("m", 6e4)];
    for (unit, factor) in units {
        if let Some(number) = text.strip_suffix(unit) {
            return Ok(number.parse::<f64>()? * factor);
        }
    }
    Err(format!("no time: {text}").into())
}
