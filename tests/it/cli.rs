//! The command line itself: settings and their precedence, exit codes, where words and data go.

use std::path::Path;
use std::process::{Command, Output};

/// The real program in a directory of its own, without the settings of whoever runs the tests.
fn reparc(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reparc"));
    command.current_dir(dir);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("REPARC_") {
            command.env_remove(name);
        }
    }
    command
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn flag_goes_before_environment_before_file_before_default() {
    let dir = tempfile::tempdir().unwrap();
    let listen = |with: &dyn Fn(&mut Command)| {
        let mut command = reparc(dir.path());
        with(&mut command);
        let output = command.arg("settings").output().unwrap();
        assert!(output.status.success(), "{}", words(&output));
        let table: toml::Table = out(&output).parse().unwrap();
        table["listen"].as_str().unwrap().to_owned()
    };
    assert_eq!(listen(&|_| ()), "127.0.0.1:8080");
    std::fs::write(dir.path().join("reparc.toml"), "listen = \"127.0.0.1:1\"\n").unwrap();
    std::fs::write(dir.path().join("other.toml"), "listen = \"127.0.0.1:2\"\n").unwrap();
    assert_eq!(listen(&|_| ()), "127.0.0.1:1");
    assert_eq!(
        listen(&|c| _ = c.args(["--config", "other.toml"])),
        "127.0.0.1:2"
    );
    assert_eq!(
        listen(&|c| _ = c.env("REPARC_CONFIG", "other.toml")),
        "127.0.0.1:2"
    );
    assert_eq!(
        listen(&|c| _ = c.env("REPARC_LISTEN", "127.0.0.1:3")),
        "127.0.0.1:3"
    );
    let all = |c: &mut Command| {
        c.env("REPARC_LISTEN", "127.0.0.1:3");
        c.args(["--listen", "127.0.0.1:4"]);
    };
    assert_eq!(listen(&all), "127.0.0.1:4");
}

#[test]
fn a_file_of_settings_takes_every_setting() {
    let dir = tempfile::tempdir().unwrap();
    let file = "database = \"sqlite://here.db\"\nno_migrate = true\npublic-url = \"https://parc.example\"\n\
                trusted_proxy = [\"10.0.0.0/8\", \"::1\"]\nlog_format = \"json\"\n";
    std::fs::write(dir.path().join("reparc.toml"), file).unwrap();
    let output = reparc(dir.path()).arg("settings").output().unwrap();
    let shown: toml::Table = out(&output).parse().unwrap();
    for (key, value) in [
        ("database", "\"sqlite://here.db\""),
        ("no_migrate", "true"),
        ("public_url", "\"https://parc.example\""),
        ("trusted_proxy", "[\"10.0.0.0/8\", \"::1/128\"]"),
        ("log_format", "\"json\""),
    ] {
        assert_eq!(shown[key].to_string(), value, "{key}");
    }
    assert!(!shown.contains_key("tls_cert"));
}

#[test]
fn migrate_makes_the_database_where_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let made = |args: &[&str], file: &str| {
        let output = reparc(dir.path())
            .arg("migrate")
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", words(&output));
        assert_eq!(out(&output), "");
        assert!(dir.path().join(file).is_file(), "{file}");
    };
    made(&[], "data/reparc.db");
    made(&[], "data/reparc.db");
    made(&["--database", "sqlite://other/x.db"], "other/x.db");
    let absolute = format!("sqlite://{}/y.db", dir.path().display());
    made(&["--database", &absolute], "y.db");
}

#[test]
fn a_password_is_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let url = "postgres://reparc:hunter2@db.example/reparc?password=hunter2";
    for args in [&["settings"][..], &["--help"], &["settings", "--help"]] {
        let mut command = reparc(dir.path());
        command.env("REPARC_DATABASE_URL", url).args(args);
        let output = command.output().unwrap();
        assert!(output.status.success());
        assert!(!out(&output).contains("hunter2"), "{}", out(&output));
        std::fs::write(
            dir.path().join("reparc.toml"),
            format!("database = \"{url}\""),
        )
        .unwrap();
        let output = reparc(dir.path()).args(args).output().unwrap();
        assert!(!out(&output).contains("hunter2"), "{}", out(&output));
    }
    let secret: reparc::settings::Secret = url.parse().unwrap();
    assert_eq!(format!("{secret:?}"), "postgres://***@db.example/reparc");
    let bare: reparc::settings::Secret = "host=db password=hunter2".parse().unwrap();
    assert_eq!(format!("{bare:?}"), "***");
}

#[test]
fn wrong_use_is_exit_2_and_a_sentence_on_stderr() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("unknown.toml"),
        "listen = \"x\"\ncolour = 1\n",
    )
    .unwrap();
    std::fs::write(dir.path().join("broken.toml"), "listen = \n").unwrap();
    for (args, says) in [
        (&["no-such-command"][..], "unrecognized subcommand"),
        (&["settings", "--no-such-flag"], "unexpected argument"),
        (
            &["settings", "--config", "absent.toml"],
            "absent.toml cannot be read",
        ),
        (
            &["settings", "--config", "unknown.toml"],
            "`colour` is no setting",
        ),
        (
            &["settings", "--config", "broken.toml"],
            "broken.toml: TOML parse error",
        ),
        (
            &["settings", "--tls-cert", "cert.pem"],
            "both --tls-cert and --tls-key",
        ),
        (
            &["settings", "--trusted-proxy", "10.0.0.0/64"],
            "no address block",
        ),
        (
            &["migrate", "--database", "mysql://host/db"],
            "sqlite://PATH",
        ),
        (
            &["migrate", "--database", "host=db dbname=x"],
            "sqlite://PATH",
        ),
        (
            &["settings", "--public-url", "parc.example"],
            "begins with http",
        ),
        (&["settings", "--log", "reparc=loud"], "--log reparc=loud"),
    ] {
        let output = reparc(dir.path()).args(args).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{args:?}: {}",
            words(&output)
        );
        assert_eq!(out(&output), "", "{args:?}: data on stdout");
        assert!(
            words(&output).contains(says),
            "{args:?}: {}",
            words(&output)
        );
    }
}

#[test]
fn a_block_of_addresses_holds_its_own() {
    let holds = |block: &str, address: &str| {
        let block: reparc::settings::Cidr = block.parse().unwrap();
        block.holds(address.parse().unwrap())
    };
    assert!(holds("10.0.0.0/8", "10.255.0.1"));
    assert!(holds("10.0.0.0/8", "::ffff:10.255.0.1"));
    assert!(!holds("10.0.0.0/8", "11.0.0.0"));
    assert!(holds("0.0.0.0/0", "203.0.113.9"));
    assert!(holds("::1", "::1"));
    assert!(!holds("::1", "::2"));
    assert!(holds("fd00::/8", "fdab::1"));
    assert!(!holds("0.0.0.0/0", "::1"));
}
