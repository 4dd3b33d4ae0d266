//! The real binary: listens, says so, serves HTTPS, stops when asked.

use crate::support::client::Client;

/// Starts the real binary; gives its address once it listens.
fn start(folder: &std::path::Path, more: &[&str]) -> (std::process::Child, String) {
    use std::io::BufRead;
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_reparc"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(more)
        .arg(format!("--database=sqlite://{}/x.db", folder.display()))
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
    let address = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|l| l.strip_prefix("listening on ").map(str::to_owned))
        .expect("the line `listening on`");
    std::thread::spawn(move || lines.for_each(drop));
    (child, address)
}

#[test]
fn the_binary_listens_says_so_and_stops_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, url) = start(folder.path(), &[]);
    let address = url.strip_prefix("http://").unwrap().to_owned();
    let client = Client {
        address,
        token: None,
    };
    assert_eq!(client.send("GET", "/readyz", &[], b"").status, 200);
    // Made while the server runs, by another process.
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_reparc"))
        .args([
            "token", "create", "--name", "t", "--role", "viewer", "--org", "main",
        ])
        .arg(format!(
            "--database=sqlite://{}/x.db",
            folder.path().display()
        ))
        .output()
        .unwrap();
    let token = String::from_utf8(made.stdout).unwrap();
    assert!(made.status.success() && token.lines().count() == 1 && token.starts_with("rp_"));
    let known = Client {
        token: Some(token.trim().to_owned()),
        ..client
    };
    assert_eq!(known.get("/me").expect(200)["organisation"], "main");
    let killed = std::process::Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(killed.success());
    assert!(child.wait().unwrap().success(), "SIGTERM ends it well");
}

#[test]
fn https_by_certificate() {
    use std::io::{Read, Write};
    let folder = tempfile::tempdir().unwrap();
    let pem = |name: &str| format!("{}/tests/it/tls/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    let (cert, key) = (pem("cert"), pem("key"));
    let (mut child, url) = start(folder.path(), &["--tls-cert", &cert, "--tls-key", &key]);
    let address = url.strip_prefix("https://").unwrap();
    let mut roots = rustls::RootCertStore::empty();
    let file = std::fs::read(&cert).unwrap();
    for cert in rustls_pemfile::certs(&mut file.as_slice()) {
        roots.add(cert.unwrap()).unwrap();
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().unwrap();
    let mut tls = rustls::ClientConnection::new(config.into(), name).unwrap();
    let mut socket = std::net::TcpStream::connect(address).unwrap();
    let mut stream = rustls::Stream::new(&mut tls, &mut socket);
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    child.kill().unwrap();
    let _ = child.wait();
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}
