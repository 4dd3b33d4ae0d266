//! Signing in, being known, being refused.

use std::time::{SystemTime, UNIX_EPOCH};

use reparc::app::{Actor, accounts, setup};
use reparc::domain::input;
use serde_json::json;

use super::Browser;
use super::browser::PASSWORD;
use crate::support::server::Server;

fn account(server: &Server, name: &str, role: &str) {
    let new = json!({"name": name, "role": role, "password": PASSWORD});
    accounts::add(&server.app, &Actor::operator(), input::parse(new).unwrap()).unwrap();
}

#[test]
fn whoever_is_not_signed_in_is_led_to_the_form_and_back() {
    for server in Server::each() {
        account(&server, "lucie", "viewer");
        let browser = Browser::new(&server);
        let led = browser.get("/account?x=1");
        assert_eq!(
            (led.status, led.header("location")),
            (303, Some("/login?next=%2Faccount%3Fx%3D1"))
        );
        browser.open("/login?next=%2Faccount");
        let inside = browser.send("/login", &[("account", "lucie"), ("password", PASSWORD)]);
        assert_eq!(
            (inside.status, inside.header("location")),
            (303, Some("/account"))
        );
        assert!(browser.open("/account").contains("lucie"));
        // Nowhere else does it lead.
        for foreign in ["//evil.example", "https://evil.example", "/\\evil.example"] {
            let guest = Browser::new(&server);
            guest.open("/login");
            let fields = [
                ("account", "lucie"),
                ("password", PASSWORD),
                ("next", foreign),
            ]
            .map(|(n, v)| (n.to_owned(), v.to_owned()));
            assert_eq!(
                guest.post("/login", &fields).header("location"),
                Some("/"),
                "{foreign}"
            );
        }
    }
}

#[test]
fn a_cookie_is_worth_nothing_after_sign_out_and_after_a_change_of_rights() {
    for server in Server::each() {
        let browser = Browser::of(&server, "manager", None);
        let stolen = Browser::new(&server);
        *stolen.cookies.borrow_mut() = browser.cookies.borrow().clone();
        stolen.open("/account");
        browser.open("/account");
        assert_eq!(browser.send("/logout", &[]).status, 303);
        assert_eq!(
            stolen.get("/account").status,
            303,
            "signed out here, signed out there"
        );

        let browser = Browser::of(&server, "manager", None);
        let change = input::parse(json!({"role": "viewer"})).unwrap();
        accounts::change(&server.app, &Actor::operator(), "manager-root", change).unwrap();
        assert_eq!(
            browser.get("/account").status,
            303,
            "a new role needs a new session"
        );
    }
}

#[test]
fn a_form_of_another_site_and_a_form_without_token_do_nothing() {
    for server in Server::each() {
        let browser = Browser::of(&server, "manager", None);
        browser.open("/account");
        let (csrf, key) = (browser.csrf(), "k1".to_owned());
        let with = |csrf: &str| {
            vec![
                ("csrf".to_owned(), csrf.to_owned()),
                ("key".to_owned(), key.clone()),
            ]
        };
        assert_eq!(
            browser
                .post_from("https://evil.example", "/logout", &with(&csrf))
                .status,
            403
        );
        assert_eq!(browser.post("/logout", &with("")).status, 403);
        assert_eq!(browser.post("/logout", &with(&"0".repeat(32))).status, 403);
        let other = Browser::of(&server, "manager", None);
        other.open("/account");
        assert_eq!(
            browser.post("/logout", &with(&other.csrf())).status,
            403,
            "another session's token"
        );
        browser.open("/account");

        // The same cookie for programs: reading works, writing asks for the token in a header.
        let json = [
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
        ];
        assert_eq!(
            browser.ask("GET", "/api/v1/devices", &json, b"").status,
            200
        );
        let body = br#"{"category": "laptop"}"#;
        browser
            .ask("POST", "/api/v1/devices", &json, body)
            .refused(403, "forbidden");
        let with_token = [json[0], json[1], ("X-CSRF-Token", csrf.as_str())];
        assert_eq!(
            browser
                .ask("POST", "/api/v1/devices", &with_token, body)
                .status,
            201
        );
    }
}

#[test]
fn five_wrong_passwords_cost_a_pause_and_unknown_names_look_the_same() {
    for server in Server::each() {
        account(&server, "lucie", "viewer");
        let browser = Browser::new(&server);
        for (name, left) in [("lucie", 4), ("personne", 4), ("lucie", 3), ("lucie", 2)] {
            let refused = browser.sign_in(name, "pas le bon mot");
            assert_eq!(refused.status, 422);
            assert!(
                refused.text().contains(&format!("Encore {left} essais")),
                "{name} {left}: {}",
                refused.text()
            );
        }
        browser.sign_in("lucie", "pas le bon mot");
        let paused = browser.sign_in("lucie", "pas le bon mot");
        assert!(paused.text().contains("Trop d’essais"), "{}", paused.text());
        let right = browser.sign_in("lucie", PASSWORD);
        assert_eq!(right.status, 422, "the right password too waits");
        assert!(
            !right.text().contains("pas le bon mot"),
            "what was typed as a password is not shown"
        );
    }
}

#[test]
fn the_first_account_is_made_by_a_link_that_works_once() {
    for server in Server::each() {
        let code = setup::offer(&server.app).unwrap().expect("no account yet");
        let browser = Browser::new(&server);
        assert_eq!(browser.get("/setup/0123456789abcdef").status, 404);
        let page = browser.open(&format!("/setup/{code}"));
        assert!(page.contains("Premier compte"));
        let action = format!("/setup/{code}");
        let fields = |again| {
            [
                ("organisation", "Agglo <b>du Val</b>"),
                ("name", "Zoé"),
                ("password", PASSWORD),
                ("again", again),
            ]
        };
        let poor = browser.send(&action, &fields("autre chose ici"));
        assert_eq!(poor.status, 422);
        assert!(poor.text().contains("Zoé"), "what was typed is kept");
        let home = browser.submit(&action, &fields(PASSWORD));
        assert!(
            home.contains("Agglo &#60;b&#62;du Val") && !home.contains("<b>du Val"),
            "{home}"
        );
        assert_eq!(
            Browser::new(&server).get(&action).status,
            404,
            "it works once"
        );
        assert!(
            setup::offer(&server.app).unwrap().is_none(),
            "and never again"
        );
    }
}

#[test]
fn a_provisional_password_must_be_changed_first() {
    for server in Server::each() {
        let new = json!({"name": "karim", "role": "technician"});
        let (_, made) =
            accounts::add(&server.app, &Actor::operator(), input::parse(new).unwrap()).unwrap();
        let made = made.unwrap();
        let browser = Browser::new(&server);
        browser.sign_in("karim", &made);
        assert_eq!(browser.get("/menu").header("location"), Some("/account"));
        browser
            .ask(
                "GET",
                "/api/v1/devices",
                &[("Accept", "application/json")],
                b"",
            )
            .refused(403, "forbidden");
        assert!(browser.open("/account").contains("provisoire"));
        let fields = |password| {
            [
                ("current", made.as_str()),
                ("password", password),
                ("again", password),
            ]
        };
        assert_eq!(
            browser
                .send("/account/password", &fields("trop court"))
                .status,
            422
        );
        let before = browser.cookies.borrow().clone();
        browser.open("/account");
        browser.submit("/account/password", &fields(PASSWORD));
        assert_ne!(*browser.cookies.borrow(), before, "a new session");
        browser.open("/menu");
        let old = Browser::new(&server);
        *old.cookies.borrow_mut() = before;
        assert_eq!(old.get("/menu").status, 303, "the old one is over");
    }
}

/// RFC 6238 by the letter, apart from the program: HMAC-SHA-1 of the step, truncated to six digits.
fn totp(secret: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bits = String::new();
    for c in secret.bytes() {
        let n = alphabet.iter().position(|a| *a == c).unwrap();
        bits.push_str(&format!("{n:05b}"));
    }
    let key: Vec<u8> = (0..bits.len() / 8)
        .map(|i| u8::from_str_radix(&bits[8 * i..8 * i + 8], 2).unwrap())
        .collect();
    let step = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
        / 30;
    let script = format!(
        "import hmac,hashlib,sys;d=hmac.new(bytes.fromhex('{}'),({step}).to_bytes(8,'big'),hashlib.sha1).digest();\
         o=d[-1]&15;print('%06d'%((int.from_bytes(d[o:o+4],'big')&0x7fffffff)%10**6))",
        key.iter().map(|b| format!("{b:02x}")).collect::<String>()
    );
    let out = std::process::Command::new("python3")
        .args(["-c", &script])
        .output()
        .unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_second_factor_is_asked_for_and_each_code_serves_once() {
    for server in Server::each() {
        let browser = Browser::of(&server, "manager", None);
        let page = browser.open("/account/second-factor");
        let (_, rest) = page.split_once("class=\"mono\">").unwrap();
        let secret = rest.split('<').next().unwrap().to_owned();
        let code = totp(&secret);
        let page = browser.submit("/account/second-factor", &[("code", &code)]);
        assert!(page.contains("Second facteur en place"), "{page}");

        let again = Browser::new(&server);
        let asked = again.sign_in("manager-root", PASSWORD);
        assert_eq!(asked.status, 200);
        assert!(asked.text().contains("Code à six chiffres"));
        let used = again.send("/login/code", &[("code", &code)]);
        assert_eq!(used.status, 422, "this code set it up: it was used");
        let wrong = again.send("/login/code", &[("code", "000000")]);
        assert_eq!(wrong.status, 422);
        assert_eq!(
            again.get("/account").status,
            303,
            "the password alone is not enough"
        );
    }
}
